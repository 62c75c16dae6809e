#!/bin/sh
# Collects what AWS says about the set-up into evidence/, and has it verified. Reads only; iam/reader.json is enough for it.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

mkdir -p evidence
aws eks describe-cluster --region "$REGION" --name "$CLUSTER" >evidence/cluster.json
aws logs describe-log-groups --region "$REGION" --log-group-name-prefix "$group" >evidence/log-groups.json
aws logs describe-metric-filters --region "$REGION" --log-group-name "$group" >evidence/metric-filters.json
aws logs describe-subscription-filters --region "$REGION" --log-group-name "$group" >evidence/subscription-filters.json
aws cloudwatch describe-alarms --region "$REGION" --alarm-name-prefix "$name-" >evidence/alarms.json
detector=$(aws guardduty list-detectors --region "$REGION" --query 'DetectorIds[0]' --output text)
if [ "$detector" != None ]; then
    aws guardduty get-detector --region "$REGION" --detector-id "$detector" >evidence/detector.json
fi

vedette verify eks --retention «NEEDED_DAYS» --residency «RESIDENCY_OPTION» --evidence evidence
