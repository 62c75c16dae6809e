#!/bin/sh
# A metric filter and an alarm for each alert, and a topic that tells people. May be run again: what is there is overwritten.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

topic=$(aws sns create-topic --region "$REGION" --name "$name" --query TopicArn --output text)
aws sns subscribe --region "$REGION" --topic-arn "$topic" --protocol email --notification-endpoint "$ALERT_EMAIL" >/dev/null

# alert NAME METRIC THRESHOLD TITLE PATTERN: raised by THRESHOLD events within five minutes.
alert() {
    aws logs put-metric-filter --region "$REGION" --log-group-name "$group" --filter-name "vedette-$1" --filter-pattern "$5" \
        --metric-transformations "metricName=$CLUSTER-$2,metricNamespace=Vedette,metricValue=1,defaultValue=0"
    aws cloudwatch put-metric-alarm --region "$REGION" --alarm-name "$name-$1" --alarm-description "$4 ($CLUSTER)" \
        --namespace Vedette --metric-name "$CLUSTER-$2" --statistic Sum --period 300 --evaluation-periods 1 \
        --threshold "$3" --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching --alarm-actions "$topic"
}

«ALERTS»
