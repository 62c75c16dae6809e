#!/bin/sh
# Sends audit events on as they come: subscription filter -> Firehose -> «DESTINATION». May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

bucket=$name-audit-$account-$REGION
if ! aws s3api head-bucket --region "$REGION" --bucket "$bucket" >/dev/null 2>&1; then
    if [ "$REGION" = us-east-1 ]; then
        aws s3api create-bucket --region "$REGION" --bucket "$bucket" --object-lock-enabled-for-bucket >/dev/null
    else
        aws s3api create-bucket --region "$REGION" --bucket "$bucket" --object-lock-enabled-for-bucket \
            --create-bucket-configuration "LocationConstraint=$REGION" >/dev/null
    fi
fi
aws s3api put-public-access-block --region "$REGION" --bucket "$bucket" \
    --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3api put-bucket-encryption --region "$REGION" --bucket "$bucket" \
    --server-side-encryption-configuration '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}'
# GOVERNANCE can be lifted by who has s3:BypassGovernanceRetention; COMPLIANCE by nobody, not even AWS.
aws s3api put-object-lock-configuration --region "$REGION" --bucket "$bucket" \
    --object-lock-configuration '{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"GOVERNANCE","Days":«ARCHIVE_DAYS»}}}'
aws s3api put-bucket-lifecycle-configuration --region "$REGION" --bucket "$bucket" \
    --lifecycle-configuration '{"Rules":[{"ID":"retention","Status":"Enabled","Filter":{},"Expiration":{"Days":«ARCHIVE_EXPIRY»},"NoncurrentVersionExpiration":{"NoncurrentDays":1}}]}'

role firehose
role subscription
firehose_role=arn:$partition:iam::$account:role/$name-firehose
archive='"RoleARN":"'$firehose_role'","BucketARN":"arn:'$partition':s3:::'$bucket'","Prefix":"audit/","ErrorOutputPrefix":"errors/","BufferingHints":{"SizeInMBs":5,"IntervalInSeconds":60},"CompressionFormat":"UNCOMPRESSED"'
«STREAM»

if ! aws firehose describe-delivery-stream --region "$REGION" --delivery-stream-name "$name" >/dev/null 2>&1; then
    # A role takes some seconds until services know it.
    sleep 15
    printf '%s' "$stream" | aws firehose create-delivery-stream --region "$REGION" --delivery-stream-name "$name" --delivery-stream-type DirectPut \
        --delivery-stream-encryption-configuration-input KeyType=AWS_OWNED_CMK "$option" file:///dev/stdin >/dev/null
fi
while [ "$(aws firehose describe-delivery-stream --region "$REGION" --delivery-stream-name "$name" --query DeliveryStreamDescription.DeliveryStreamStatus --output text)" = CREATING ]; do
    sleep 10
done

# Only audit events are JSON with this kind; the authenticator's lines are not.
aws logs put-subscription-filter --region "$REGION" --log-group-name "$group" --filter-name vedette --filter-pattern '{ $.kind = "Event" }' \
    --destination-arn "arn:$partition:firehose:$REGION:$account:deliverystream/$name" --role-arn "arn:$partition:iam::$account:role/$name-subscription"
