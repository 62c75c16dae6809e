#!/bin/sh
# An action group that tells people, and a scheduled query for each alert. Needs the extension scheduled-query. May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

az monitor action-group create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$name" --action email vedette "$ALERT_EMAIL" --output none

# alert NAME THRESHOLD TITLE: the query is kql/NAME.kql.
alert() {
    az monitor scheduled-query create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --name "$name-$1" --description "$3" \
        --location "$LOCATION" --scopes "$workspace" --condition "count 'events' >= $2" --condition-query "events=$(cat "kql/$1.kql")" \
        --evaluation-frequency 5m --window-size 5m --severity 2 \
        --action-groups "$group/providers/Microsoft.Insights/actionGroups/$name" --output none
}

«ALERTS»
