locals {
  alerts = {
«ALERTS»
  }
}

resource "google_monitoring_notification_channel" "email" {
  project      = var.project
  display_name = "Vedette"
  type         = "email"

  labels = {
    email_address = var.alert_email
  }
}

resource "google_logging_metric" "alert" {
  for_each = local.alerts

  name        = "vedette-${each.key}"
  project     = var.project
  description = each.value.title
  filter      = each.value.filter

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project
  display_name          = "Vedette: ${each.value.title}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = "${each.value.title}: ${each.value.threshold} or more in five minutes"

    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.alert[each.key].name}\" AND resource.type=\"k8s_cluster\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold - 1
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.cluster_name"]
      }
    }
  }
}
