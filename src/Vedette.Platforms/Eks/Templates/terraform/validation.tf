
  validation {
    condition     = contains([«REGION_LIST»], var.region)
    error_message = "Data may be in «RESIDENCY» only."
  }
