#!/bin/sh
# Findings of Security Command Center about clusters, as messages of Pub/Sub. Which threats it looks for depends on its tier. Needs the organisation.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

gcloud pubsub topics create vedette-scc --project "$PROJECT" --message-storage-policy-allowed-regions "$PUBSUB_REGIONS" || true
gcloud pubsub subscriptions create vedette-scc --project "$PROJECT" --topic vedette-scc --message-retention-duration 7d --expiration-period never || true
gcloud scc notifications create vedette-k8s --organization "$ORGANIZATION" --pubsub-topic "projects/$PROJECT/topics/vedette-scc" \
    --filter 'state="ACTIVE" AND resource.type="google.container.Cluster"'
