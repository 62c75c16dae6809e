# Values come from ../values.env as TF_VAR_…; STEPS.md shows how.

variable "subscription" {
  description = "Subscription of the cluster."
  type        = string
}

variable "resource_group" {
  description = "Resource group of the cluster."
  type        = string
}

variable "cluster" {
  description = "Name of the AKS cluster."
  type        = string
}

variable "location" {
  description = "Region of the workspace."
  type        = string
«VALIDATION»
}

variable "storage_account" {
  description = "Name of the storage account of the archive, unique in all of Azure."
  type        = string
}

variable "alert_email" {
  description = "Who is told of alerts."
  type        = string
}

variable "archive_days" {
  description = "Days after which the archive is deleted."
  type        = number
  default     = «DAYS»
}
