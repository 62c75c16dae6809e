option=--extended-s3-destination-configuration
stream="{$archive}"
