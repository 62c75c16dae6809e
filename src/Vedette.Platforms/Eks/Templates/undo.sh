#!/bin/sh
# Takes back what the scripts made. The logs, their key and the archive stay: deleting evidence is a decision of its own.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

aws logs delete-subscription-filter --region "$REGION" --log-group-name "$group" --filter-name vedette || true
aws firehose delete-delivery-stream --region "$REGION" --delivery-stream-name "$name" || true
for role in firehose subscription; do
    aws iam delete-role-policy --region "$REGION" --role-name "$name-$role" --policy-name "$name-$role" || true
    aws iam delete-role --region "$REGION" --role-name "$name-$role" || true
done
for alert in «ALERT_NAMES»; do
    aws cloudwatch delete-alarms --region "$REGION" --alarm-names "$name-$alert"
    aws logs delete-metric-filter --region "$REGION" --log-group-name "$group" --filter-name "vedette-$alert" || true
done
aws sns delete-topic --region "$REGION" --topic-arn "arn:$partition:sns:$REGION:$account:$name"
aws eks update-cluster-config --region "$REGION" --name "$CLUSTER" --logging '{"clusterLogging":[{"types":["audit","authenticator"],"enabled":false}]}'
