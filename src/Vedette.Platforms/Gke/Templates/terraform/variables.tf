# Values come from ../values.env as TF_VAR_…; STEPS.md shows how.

variable "project" {
  description = "Project of the clusters."
  type        = string
}

variable "location" {
  description = "Where the log bucket and the archive are; it cannot be changed later."
  type        = string
«VALIDATION»
}

variable "alert_email" {
  description = "Who is told of alerts."
  type        = string
}

variable "retention_days" {
  description = "Days that the log bucket keeps, and that nothing can be deleted from the archive."
  type        = number
  default     = «DAYS»
}
