# shellcheck shell=sh
# Read by the scripts beside it: values, the guard of places, names that all of them share.
set -eu
cd "$(dirname "$0")"
# shellcheck source=/dev/null
. ./values.env

# Stops where data would leave the places it may be in.
allowed() {
    case $2 in
    «LOCATIONS»)
        ;;
    *)
        echo "$1 is in '$2', and data may be in «RESIDENCY» only" >&2
        exit 1
        ;;
    esac
}

region=$(az aks show --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$CLUSTER" --query location --output tsv)
allowed "cluster $CLUSTER" "$region"
allowed "the workspace" "$LOCATION"

# shellcheck disable=SC2034 # used by the scripts that read this file
{
    resource=$(az aks show --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$CLUSTER" --query id --output tsv)
    name=vedette-$CLUSTER
    group=/subscriptions/$SUBSCRIPTION/resourceGroups/$RESOURCE_GROUP
    workspace=$group/providers/Microsoft.OperationalInsights/workspaces/$name
    account=$group/providers/Microsoft.Storage/storageAccounts/$STORAGE_ACCOUNT
}
