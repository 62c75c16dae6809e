#!/bin/sh
# Makes the archive one that nobody can change for «DAYS» days. Run it when the first events have come: Azure makes the container then. Unlocked it can still be taken back; locking it cannot be undone.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

az storage container immutability-policy create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --account-name "$STORAGE_ACCOUNT" \
    --container-name insights-logs-«CATEGORY» --period «DAYS» --allow-protected-append-writes-all true --output none
