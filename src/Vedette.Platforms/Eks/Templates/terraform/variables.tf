# Values come from ../values.env as TF_VAR_…; STEPS.md shows how.

variable "cluster" {
  description = "Name of the EKS cluster."
  type        = string
}

variable "region" {
  description = "Region of the cluster; its logs stay there."
  type        = string
«VALIDATION»
}

variable "alert_email" {
  description = "Who is told of alarms."
  type        = string
}
«VEDETTE_VARIABLES»
variable "retention_days" {
  description = "Days that CloudWatch keeps the log: one of the values it takes."
  type        = number
  default     = «DAYS»
}

variable "archive_days" {
  description = "Days that nothing can be deleted from the archive."
  type        = number
  default     = «ARCHIVE_DAYS»
}
