#!/bin/sh
# Collects what Google says about the set-up into evidence/, and has it verified. Reads only; iam/reader.yaml is enough for it.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

mkdir -p evidence
gcloud projects get-iam-policy "$PROJECT" --format=json >evidence/iam-policy.json
gcloud logging buckets list --project "$PROJECT" --format=json >evidence/buckets.json
gcloud logging sinks list --project "$PROJECT" --format=json >evidence/sinks.json
gcloud logging metrics list --project "$PROJECT" --format=json >evidence/metrics.json
gcloud monitoring policies list --project "$PROJECT" --format=json >evidence/policies.json

vedette verify gke --retention «NEEDED_DAYS» --residency «RESIDENCY_OPTION» --evidence evidence
