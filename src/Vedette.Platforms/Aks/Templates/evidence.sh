#!/bin/sh
# Collects what Azure says about the set-up into evidence/, and has it verified. Reads only; iam/reader.json is enough for it.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

mkdir -p evidence
az aks show --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$CLUSTER" --output json >evidence/cluster.json
az monitor diagnostic-settings list --subscription "$SUBSCRIPTION" --resource "$resource" --output json >evidence/diagnostic-settings.json
az monitor log-analytics workspace show --subscription "$SUBSCRIPTION" --ids "$workspace" --output json >evidence/workspace.json
az monitor log-analytics workspace table show --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --workspace-name "$name" --name «TABLE» --output json >evidence/table.json
az storage account show --subscription "$SUBSCRIPTION" --ids "$account" --output json >evidence/storage.json
az monitor scheduled-query list --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --output json >evidence/alerts.json
az security pricing show --subscription "$SUBSCRIPTION" --name Containers --output json >evidence/defender.json

vedette verify aks --retention «NEEDED_DAYS» --residency «RESIDENCY_OPTION» --evidence evidence
