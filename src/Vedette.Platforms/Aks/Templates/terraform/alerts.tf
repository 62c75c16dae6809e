locals {
  alerts = {
«ALERTS»
  }
}

resource "azurerm_monitor_action_group" "people" {
  name                = local.name
  resource_group_name = var.resource_group
  short_name          = "vedette"

  email_receiver {
    name                    = "vedette"
    email_address           = var.alert_email
    use_common_alert_schema = true
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "alert" {
  for_each = local.alerts

  name                 = "${local.name}-${each.key}"
  description          = each.value.title
  resource_group_name  = var.resource_group
  location             = var.location
  scopes               = [azurerm_log_analytics_workspace.audit.id]
  severity             = 2
  evaluation_frequency = "PT5M"
  window_duration      = "PT5M"

  criteria {
    query                   = file("${path.module}/../kql/${each.key}.kql")
    time_aggregation_method = "Count"
    operator                = "GreaterThanOrEqual"
    threshold               = each.value.threshold
  }

  action {
    action_groups = [azurerm_monitor_action_group.people.id]
  }

  depends_on = [azurerm_log_analytics_workspace_table.audit]
}
