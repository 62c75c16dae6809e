#!/bin/sh
# GuardDuty with EKS audit logs and runtime monitoring, in this region. It is regional: run it for every region with clusters. May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

features='[{"Name":"EKS_AUDIT_LOGS","Status":"ENABLED"},{"Name":"RUNTIME_MONITORING","Status":"ENABLED","AdditionalConfiguration":[{"Name":"EKS_ADDON_MANAGEMENT","Status":"ENABLED"}]}]'
detector=$(aws guardduty list-detectors --region "$REGION" --query 'DetectorIds[0]' --output text)
if [ "$detector" = None ]; then
    aws guardduty create-detector --region "$REGION" --enable --features "$features"
else
    aws guardduty update-detector --region "$REGION" --detector-id "$detector" --enable --features "$features"
fi
