#!/bin/sh
# Switches on Data Access audit logs of the Kubernetes API: without them no get, list or watch is logged, so no read of a secret. Needs jq. May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# The policy's etag makes the write fail when somebody else changed it meanwhile; then run this again.
gcloud projects get-iam-policy "$PROJECT" --format=json >iam-policy.now.json
[ -e iam-policy.before.json ] || cp iam-policy.now.json iam-policy.before.json
jq '.auditConfigs = [.auditConfigs[]? | select(.service != "container.googleapis.com")] + [{
    service: "container.googleapis.com",
    auditLogConfigs: [{logType: "ADMIN_READ"}, {logType: "DATA_READ"}, {logType: "DATA_WRITE"}]
}]' iam-policy.now.json >iam-policy.json
gcloud projects set-iam-policy "$PROJECT" iam-policy.json --format=json >/dev/null
