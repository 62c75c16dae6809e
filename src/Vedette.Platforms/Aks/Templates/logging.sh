#!/bin/sh
# A workspace in $LOCATION, an archive in the cluster's region, and a diagnostic setting that fills both with «CATEGORY» and guard. May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

az monitor log-analytics workspace create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --workspace-name "$name" \
    --location "$LOCATION" --retention-time «WORKSPACE_DAYS» --output none

# LRS keeps three copies in the region; GRS would copy to the paired one.
az storage account create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$STORAGE_ACCOUNT" --location "$region" \
    --kind StorageV2 --sku Standard_LRS --https-only true --min-tls-version TLS1_2 --allow-blob-public-access false --bypass AzureServices --output none
az storage account management-policy create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --account-name "$STORAGE_ACCOUNT" \
    --policy @lifecycle.json --output none

az monitor diagnostic-settings create --subscription "$SUBSCRIPTION" --name vedette --resource "$resource" \
    --logs '[{"category":"«CATEGORY»","enabled":true},{"category":"guard","enabled":true}]' \
    --workspace "$workspace" --export-to-resource-specific true --storage-account "$account" --output none

# The command above does not look whether the cluster is in a state in which it can be set: see that it is there.
az monitor diagnostic-settings list --subscription "$SUBSCRIPTION" --resource "$resource" --query "[?name=='vedette'].logs[?enabled].category" --output tsv | grep -q .

az monitor log-analytics workspace table update --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --workspace-name "$name" \
    --name «TABLE» --retention-time «HOT_DAYS» --total-retention-time «TOTAL_DAYS» --output none
