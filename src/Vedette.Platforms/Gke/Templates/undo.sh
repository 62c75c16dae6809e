#!/bin/sh
# Takes back sinks, metrics and alerts, and the Data Access configuration as it was before. Buckets and what is in them stay: deleting evidence is a decision of its own.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

for place in "" -storage -bigquery -pubsub; do
    gcloud logging sinks delete "$name$place" --project "$PROJECT" --quiet || true
done
gcloud logging sinks update _Default --project "$PROJECT" --remove-exclusions "$name" || true
for policy in $(gcloud monitoring policies list --project "$PROJECT" --filter 'displayName:"Vedette: "' --format 'value(name)'); do
    gcloud monitoring policies delete "$policy" --project "$PROJECT" --quiet
done
for alert in «ALERT_NAMES»; do
    gcloud logging metrics delete "vedette-$alert" --project "$PROJECT" --quiet || true
done
if [ -e iam-policy.before.json ]; then
    # Only the audit configuration goes back; who may do what stays as it is today.
    gcloud projects get-iam-policy "$PROJECT" --format=json >iam-policy.now.json
    jq --slurpfile before iam-policy.before.json '.auditConfigs = ($before[0].auditConfigs // [])' iam-policy.now.json >iam-policy.json
    gcloud projects set-iam-policy "$PROJECT" iam-policy.json --format=json >/dev/null
fi
