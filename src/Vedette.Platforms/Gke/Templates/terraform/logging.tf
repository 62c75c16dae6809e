locals {
  name  = "vedette-k8s-audit"
  scope = "resource.type=\"k8s_cluster\" AND logName:\"cloudaudit.googleapis.com\" AND protoPayload.serviceName=\"k8s.io\""
}

# Off by default: without it no get, list or watch is logged. The resource is authoritative for this service, and exempts nobody.
resource "google_project_iam_audit_config" "kubernetes" {
  project = var.project
  service = "container.googleapis.com"

  audit_log_config {
    log_type = "ADMIN_READ"
  }

  audit_log_config {
    log_type = "DATA_READ"
  }

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}

resource "google_logging_project_bucket_config" "audit" {
  project          = var.project
  location         = var.location
  bucket_id        = local.name
  retention_days   = var.retention_days
  enable_analytics = true
  description      = "Kubernetes audit log"
}

resource "google_logging_project_sink" "audit" {
  name                   = local.name
  project                = var.project
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.audit.id}"
  filter                 = local.scope
  unique_writer_identity = true
}

# Data Access entries would be kept a second time in _Default, which is in "global" unless the organisation set a place.
resource "google_logging_project_exclusion" "default" {
  name    = local.name
  project = var.project
  filter  = local.scope
}

resource "google_storage_bucket" "archive" {
  name                        = "${var.project}-${local.name}"
  project                     = var.project
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Locking it makes it irrevocable: is_locked = true, when you are sure.
  retention_policy {
    retention_period = var.retention_days * 86400
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age = var.retention_days + 1
    }
  }
}

resource "google_logging_project_sink" "archive" {
  name                   = "${local.name}-storage"
  project                = var.project
  destination            = "storage.googleapis.com/${google_storage_bucket.archive.name}"
  filter                 = local.scope
  unique_writer_identity = true
}

resource "google_storage_bucket_iam_member" "archive" {
  bucket = google_storage_bucket.archive.name
  role   = "roles/storage.objectCreator"
  member = google_logging_project_sink.archive.writer_identity
}
