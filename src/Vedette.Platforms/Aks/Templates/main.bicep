// The same as logging.sh and alerts.sh, for the resource group of the cluster:
//   az deployment group create --resource-group "$RESOURCE_GROUP" --template-file main.bicep --parameters …
targetScope = 'resourceGroup'

@description('Name of the AKS cluster.')
param cluster string

@description('Region of the workspace.')
«ALLOWED»
param location string

@description('Name of the storage account of the archive, unique in all of Azure: 3 to 24 small letters and digits.')
@minLength(3)
@maxLength(24)
param storageAccount string

@description('Who is told of alerts.')
param alertEmail string

var name = 'vedette-${cluster}'

var alerts = [
«ALERTS»
]

resource aks 'Microsoft.ContainerService/managedClusters@2024-05-01' existing = {
  name: cluster
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: name
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: «WORKSPACE_DAYS»
  }
}

resource table 'Microsoft.OperationalInsights/workspaces/tables@2022-10-01' = {
  parent: workspace
  name: '«TABLE»'
  properties: {
    retentionInDays: «HOT_DAYS»
    totalRetentionInDays: «TOTAL_DAYS»
  }
}

// In the cluster's region, as diagnostic settings demand. LRS keeps its copies there.
resource archive 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: storageAccount
  location: aks.location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Allow'
    }
  }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: archive
  name: 'default'
  properties: {
    policy: loadJsonContent('lifecycle.json')
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'vedette'
  scope: aks
  properties: {
    workspaceId: workspace.id
    logAnalyticsDestinationType: 'Dedicated'
    storageAccountId: archive.id
    logs: [
      {
        category: '«CATEGORY»'
        enabled: true
      }
      {
        category: 'guard'
        enabled: true
      }
    ]
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'vedette'
    emailReceivers: [
      {
        name: 'vedette'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    dependsOn: [
      table
    ]
    properties: {
      description: alert.title
      enabled: true
      severity: 2
      scopes: [
        workspace.id
      ]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThanOrEqual'
            threshold: alert.threshold
          }
        ]
      }
      actions: {
        actionGroups: [
          people.id
        ]
      }
    }
  }
]
