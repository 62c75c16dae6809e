#!/bin/sh
# Takes back the diagnostic setting and the alerts. Workspace and archive stay: deleting evidence is a decision of its own.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

az monitor diagnostic-settings delete --subscription "$SUBSCRIPTION" --name vedette --resource "$resource"
for alert in «ALERT_NAMES»; do
    az monitor scheduled-query delete --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$name-$alert" --yes || true
done
az monitor action-group delete --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$name"
