#!/bin/sh
# A log-based metric and an alert policy for each alert, and a channel that tells people.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

channel=$(gcloud beta monitoring channels list --project "$PROJECT" --filter 'displayName="Vedette"' --format 'value(name)' --limit 1)
if [ -z "$channel" ]; then
    channel=$(gcloud beta monitoring channels create --project "$PROJECT" --display-name Vedette --type email \
        --channel-labels "email_address=$ALERT_EMAIL" --format 'value(name)')
fi

# alert NAME TITLE FILTER: the policy is alerts/NAME.json. A metric that is there is overwritten, a policy is left as it is.
alert() {
    if gcloud logging metrics describe "vedette-$1" --project "$PROJECT" >/dev/null 2>&1; then
        gcloud logging metrics update "vedette-$1" --project "$PROJECT" --description "$2" --log-filter "$3"
    else
        gcloud logging metrics create "vedette-$1" --project "$PROJECT" --description "$2" --log-filter "$3"
    fi
    there=$(gcloud monitoring policies list --project "$PROJECT" --filter "displayName=\"Vedette: $2\"" --format 'value(name)')
    if [ -z "$there" ]; then
        gcloud monitoring policies create --project "$PROJECT" --policy-from-file "alerts/$1.json" --notification-channels "$channel"
    fi
}

«ALERTS»
