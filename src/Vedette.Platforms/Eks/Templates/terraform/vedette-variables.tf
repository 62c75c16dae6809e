
variable "vedette_url" {
  description = "Firehose endpoint of Vedette, https://…"
  type        = string
}

variable "vedette_key" {
  description = "Access key that the endpoint expects."
  type        = string
  sensitive   = true
}
