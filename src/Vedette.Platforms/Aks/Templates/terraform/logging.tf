locals {
  name = "vedette-${var.cluster}"
}

data "azurerm_kubernetes_cluster" "this" {
  name                = var.cluster
  resource_group_name = var.resource_group
«PRECONDITION»
}

resource "azurerm_log_analytics_workspace" "audit" {
  name                = local.name
  resource_group_name = var.resource_group
  location            = var.location
  sku                 = "PerGB2018"
  retention_in_days   = «WORKSPACE_DAYS»
}

resource "azurerm_log_analytics_workspace_table" "audit" {
  name                    = "«TABLE»"
  workspace_id            = azurerm_log_analytics_workspace.audit.id
  retention_in_days       = «HOT_DAYS»
  total_retention_in_days = «TOTAL_DAYS»
}

# In the cluster's region, as diagnostic settings demand. LRS keeps its copies there.
resource "azurerm_storage_account" "archive" {
  name                            = var.storage_account
  resource_group_name             = var.resource_group
  location                        = data.azurerm_kubernetes_cluster.this.location
  account_kind                    = "StorageV2"
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
}

resource "azurerm_storage_management_policy" "archive" {
  storage_account_id = azurerm_storage_account.archive.id

  rule {
    name    = "audit"
    enabled = true

    filters {
      blob_types   = ["appendBlob"]
      prefix_match = ["insights-logs-«CATEGORY»/", "insights-logs-guard/"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = var.archive_days
      }
    }
  }
}

resource "azurerm_monitor_diagnostic_setting" "audit" {
  name                           = "vedette"
  target_resource_id             = data.azurerm_kubernetes_cluster.this.id
  log_analytics_workspace_id     = azurerm_log_analytics_workspace.audit.id
  log_analytics_destination_type = "Dedicated"
  storage_account_id             = azurerm_storage_account.archive.id

  enabled_log {
    category = "«CATEGORY»"
  }

  enabled_log {
    category = "guard"
  }
}

# Billed by core; for the whole subscription.
resource "azurerm_security_center_subscription_pricing" "containers" {
  tier          = "Standard"
  resource_type = "Containers"
}
