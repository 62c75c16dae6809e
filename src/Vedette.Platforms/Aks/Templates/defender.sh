#!/bin/sh
# Microsoft Defender for Containers: the plan for the subscription, the sensor on the cluster. Billed by core.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

az security pricing create --subscription "$SUBSCRIPTION" --name Containers --tier Standard --output none
az aks update --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$CLUSTER" --enable-defender --output none
