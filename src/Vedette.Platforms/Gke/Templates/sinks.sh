#!/bin/sh
# Sends audit entries to a further place: ./sinks.sh storage | bigquery | pubsub
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# sink DESTINATION FLAGS...: makes or mends a sink, and prints who writes through it.
sink() {
    destination=$1
    shift
    if gcloud logging sinks describe "$name-$place" --project "$PROJECT" >/dev/null 2>&1; then
        gcloud logging sinks update "$name-$place" "$destination" --project "$PROJECT" --log-filter "$scope" "$@" >/dev/null
    else
        gcloud logging sinks create "$name-$place" "$destination" --project "$PROJECT" --log-filter "$scope" "$@" >/dev/null
    fi
    gcloud logging sinks describe "$name-$place" --project "$PROJECT" --format 'value(writerIdentity)'
}

place=${1:-}
case $place in
storage)
    if ! gcloud storage buckets describe "gs://$archive" >/dev/null 2>&1; then
        gcloud storage buckets create "gs://$archive" --project "$PROJECT" --location "$LOCATION" --uniform-bucket-level-access \
            --public-access-prevention --retention-period «DAYS»d --lifecycle-file archive-lifecycle.json
    fi
    writer=$(sink "storage.googleapis.com/$archive")
    gcloud storage buckets add-iam-policy-binding "gs://$archive" --member "$writer" --role roles/storage.objectCreator
    ;;
bigquery)
    # The location of a dataset is fixed when it is made.
    bq --project_id "$PROJECT" --location "$LOCATION" mk --force --dataset --default_partition_expiration «DAYS_SECONDS» "$PROJECT:vedette_k8s_audit"
    writer=$(sink "bigquery.googleapis.com/projects/$PROJECT/datasets/vedette_k8s_audit" --use-partitioned-tables)
    bq --project_id "$PROJECT" query --use_legacy_sql=false \
        "GRANT \`roles/bigquery.dataEditor\` ON SCHEMA \`$PROJECT\`.vedette_k8s_audit TO \"$writer\""
    ;;
pubsub)
    gcloud pubsub topics create "$name" --project "$PROJECT" --message-storage-policy-allowed-regions "$PUBSUB_REGIONS" || true
    gcloud pubsub subscriptions create "$name" --project "$PROJECT" --topic "$name" --ack-deadline 60 --message-retention-duration 7d --expiration-period never || true
    writer=$(sink "pubsub.googleapis.com/projects/$PROJECT/topics/$name")
    gcloud pubsub topics add-iam-policy-binding "$name" --project "$PROJECT" --member "$writer" --role roles/pubsub.publisher
    ;;
*)
    echo "usage: $0 storage | bigquery | pubsub" >&2
    exit 2
    ;;
esac
