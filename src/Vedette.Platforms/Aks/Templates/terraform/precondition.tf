
  lifecycle {
    postcondition {
      condition     = contains([«LOCATION_LIST»], self.location)
      error_message = "The cluster's region is outside of «RESIDENCY»."
    }
  }
