# shellcheck shell=sh
# Read by the scripts beside it: values, the guard of places, names that all of them share.
set -eu
cd "$(dirname "$0")"
# shellcheck source=/dev/null
. ./values.env

case $LOCATION in
«LOCATIONS»)
    ;;
*)
    echo "LOCATION is '$LOCATION', and data may be in «RESIDENCY» only" >&2
    exit 1
    ;;
esac

# shellcheck disable=SC2034 # used by the scripts that read this file
{
    name=vedette-k8s-audit
    # The Kubernetes API's own audit entries, of every cluster of the project.
    scope='resource.type="k8s_cluster" AND logName:"cloudaudit.googleapis.com" AND protoPayload.serviceName="k8s.io"'
    archive=$PROJECT-$name
}
