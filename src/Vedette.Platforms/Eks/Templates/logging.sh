#!/bin/sh
# Keeps the control plane's logs «DAYS» days, encrypted with a key of your own, then switches on audit and authenticator logs. May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# The key and the log group come first: a group that EKS makes by itself never expires and has no key of yours.
if ! key=$(aws kms describe-key --region "$REGION" --key-id "alias/$name" --query KeyMetadata.Arn --output text 2>/dev/null); then
    key=$(aws kms create-key --region "$REGION" --description "Audit log of $CLUSTER" --policy "$(fill kms-key)" --query KeyMetadata.Arn --output text)
    aws kms create-alias --region "$REGION" --alias-name "alias/$name" --target-key-id "$key"
    aws kms enable-key-rotation --region "$REGION" --key-id "$key"
fi

found=$(aws logs describe-log-groups --region "$REGION" --log-group-name-prefix "$group" --query "logGroups[?logGroupName=='$group'].logGroupName" --output text)
if [ "$found" = "$group" ]; then
    aws logs associate-kms-key --region "$REGION" --log-group-name "$group" --kms-key-id "$key"
else
    aws logs create-log-group --region "$REGION" --log-group-name "$group" --kms-key-id "$key"
fi
aws logs put-retention-policy --region "$REGION" --log-group-name "$group" --retention-in-days «DAYS»

enabled=$(aws eks describe-cluster --region "$REGION" --name "$CLUSTER" --query 'cluster.logging.clusterLogging[?enabled].types[]' --output text)
case " $(echo "$enabled" | tr '\t' ' ') " in
*' audit '*' authenticator '* | *' authenticator '*' audit '*)
    echo "audit and authenticator are on already"
    ;;
*)
    update=$(aws eks update-cluster-config --region "$REGION" --name "$CLUSTER" \
        --logging '{"clusterLogging":[{"types":["audit","authenticator"],"enabled":true}]}' --query update.id --output text)
    state=InProgress
    while [ "$state" = InProgress ]; do
        sleep 10
        state=$(aws eks describe-update --region "$REGION" --name "$CLUSTER" --update-id "$update" --query update.status --output text)
        echo "update $update: $state"
    done
    [ "$state" = Successful ]
    ;;
esac
