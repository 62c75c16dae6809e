# Further places, each off until asked for: terraform apply -var with_bigquery=true -var with_pubsub=true

variable "with_bigquery" {
  description = "Also into a dataset of BigQuery."
  type        = bool
  default     = false
}

variable "with_pubsub" {
  description = "Also into a topic of Pub/Sub."
  type        = bool
  default     = false
}

variable "pubsub_regions" {
  description = "Regions that messages may be stored in."
  type        = list(string)
  default     = []
}

variable "organization" {
  description = "Number of the organisation, for findings of Security Command Center; needs with_pubsub."
  type        = string
  default     = ""
}

# The location of a dataset is fixed when it is made.
resource "google_bigquery_dataset" "audit" {
  count = var.with_bigquery ? 1 : 0

  dataset_id                      = "vedette_k8s_audit"
  project                         = var.project
  location                        = var.location
  default_partition_expiration_ms = var.retention_days * 86400000
}

resource "google_logging_project_sink" "bigquery" {
  count = var.with_bigquery ? 1 : 0

  name                   = "${local.name}-bigquery"
  project                = var.project
  destination            = "bigquery.googleapis.com/${google_bigquery_dataset.audit[0].id}"
  filter                 = local.scope
  unique_writer_identity = true

  bigquery_options {
    use_partitioned_tables = true
  }
}

resource "google_bigquery_dataset_iam_member" "audit" {
  count = var.with_bigquery ? 1 : 0

  project    = var.project
  dataset_id = google_bigquery_dataset.audit[0].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_logging_project_sink.bigquery[0].writer_identity
}

resource "google_pubsub_topic" "audit" {
  for_each = var.with_pubsub ? toset([local.name, "vedette-scc"]) : toset([])

  name    = each.key
  project = var.project

  dynamic "message_storage_policy" {
    for_each = length(var.pubsub_regions) > 0 ? [var.pubsub_regions] : []

    content {
      allowed_persistence_regions = message_storage_policy.value
    }
  }
}

resource "google_pubsub_subscription" "audit" {
  for_each = google_pubsub_topic.audit

  name                       = each.key
  project                    = var.project
  topic                      = each.value.id
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

resource "google_logging_project_sink" "pubsub" {
  count = var.with_pubsub ? 1 : 0

  name                   = "${local.name}-pubsub"
  project                = var.project
  destination            = "pubsub.googleapis.com/${google_pubsub_topic.audit[local.name].id}"
  filter                 = local.scope
  unique_writer_identity = true
}

resource "google_pubsub_topic_iam_member" "audit" {
  count = var.with_pubsub ? 1 : 0

  project = var.project
  topic   = google_pubsub_topic.audit[local.name].name
  role    = "roles/pubsub.publisher"
  member  = google_logging_project_sink.pubsub[0].writer_identity
}

# Which threats it looks for depends on its tier.
resource "google_scc_v2_organization_notification_config" "kubernetes" {
  count = var.with_pubsub && var.organization != "" ? 1 : 0

  config_id    = "vedette-k8s"
  organization = var.organization
  location     = "global"
  pubsub_topic = google_pubsub_topic.audit["vedette-scc"].id

  streaming_config {
    filter = "state=\"ACTIVE\" AND resource.type=\"google.container.Cluster\""
  }
}
