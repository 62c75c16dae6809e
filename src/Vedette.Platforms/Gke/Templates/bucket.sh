#!/bin/sh
# A log bucket in $LOCATION that keeps «DAYS» days, and a sink that fills it. What is in it is not kept in _Default as well. May be run again.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if gcloud logging buckets describe "$name" --project "$PROJECT" --location "$LOCATION" >/dev/null 2>&1; then
    gcloud logging buckets update "$name" --project "$PROJECT" --location "$LOCATION" --retention-days «DAYS»
else
    # The location of a bucket cannot be changed later.
    gcloud logging buckets create "$name" --project "$PROJECT" --location "$LOCATION" --retention-days «DAYS» --enable-analytics \
        --description "Kubernetes audit log"
fi

destination=logging.googleapis.com/projects/$PROJECT/locations/$LOCATION/buckets/$name
if gcloud logging sinks describe "$name" --project "$PROJECT" >/dev/null 2>&1; then
    gcloud logging sinks update "$name" "$destination" --project "$PROJECT" --log-filter "$scope"
else
    gcloud logging sinks create "$name" "$destination" --project "$PROJECT" --log-filter "$scope"
    # Data Access entries would be kept a second time in _Default, which is in "global" unless the organisation set a place.
    gcloud logging sinks update _Default --project "$PROJECT" --add-exclusion "name=$name,filter=$scope"
fi
