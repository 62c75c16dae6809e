  destination = "http_endpoint"

  http_endpoint_configuration {
    name               = "Vedette"
    url                = var.vedette_url
    access_key         = var.vedette_key
    role_arn           = aws_iam_role.firehose.arn
    retry_duration     = 7200
    buffering_size     = 1
    buffering_interval = 60
    s3_backup_mode     = "AllData"

    request_configuration {
      content_encoding = "GZIP"
    }

    s3_configuration {
      role_arn            = aws_iam_role.firehose.arn
      bucket_arn          = aws_s3_bucket.archive.arn
      prefix              = "audit/"
      error_output_prefix = "errors/"
    }
  }
