# Patterns are in the grammar of CloudWatch Logs; each counts the events on which Vedette's rules of the same name match.

locals {
  alerts = {
«ALERTS»
  }
}

resource "aws_sns_topic" "alerts" {
  name = local.name
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_cloudwatch_log_metric_filter" "alert" {
  for_each = local.alerts

  name           = "vedette-${each.key}"
  log_group_name = aws_cloudwatch_log_group.audit.name
  pattern        = each.value.pattern

  metric_transformation {
    name          = "${var.cluster}-${each.value.metric}"
    namespace     = "Vedette"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "alert" {
  for_each = local.alerts

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.title} (${var.cluster})"
  namespace           = "Vedette"
  metric_name         = "${var.cluster}-${each.value.metric}"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
