
  validation {
    condition     = contains([«LOCATION_LIST»], var.location)
    error_message = "Data may be in «RESIDENCY» only."
  }
