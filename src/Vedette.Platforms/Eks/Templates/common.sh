# shellcheck shell=sh
# Read by the scripts beside it: values, region guard, names that all of them share.
set -eu
cd "$(dirname "$0")"
# shellcheck source=/dev/null
. ./values.env

case $REGION in
«REGIONS»)
    ;;
*)
    echo "REGION is '$REGION', and data may be in «RESIDENCY» only" >&2
    exit 1
    ;;
esac

# shellcheck disable=SC2034 # used by the scripts that read this file
{
    group=/aws/eks/$CLUSTER/cluster
    name=vedette-$CLUSTER
    caller=$(aws sts get-caller-identity --region "$REGION" --query Arn --output text)
    partition=$(echo "$caller" | cut -d: -f2)
    account=$(echo "$caller" | cut -d: -f5)
}

# Prints a policy of iam/ with the names of this cluster in it.
fill() {
    sed -e "s|\${CLUSTER}|$CLUSTER|g" -e "s|\${REGION}|$REGION|g" -e "s|\${ACCOUNT}|$account|g" -e "s|\${PARTITION}|$partition|g" "iam/$1.json"
}

# Makes a role that one service may take, and gives it its policy. A role that is there already is left as it is.
role() {
    if ! aws iam get-role --region "$REGION" --role-name "$name-$1" >/dev/null 2>&1; then
        aws iam create-role --region "$REGION" --role-name "$name-$1" --assume-role-policy-document "$(fill "$1-trust")" >/dev/null
    fi
    aws iam put-role-policy --region "$REGION" --role-name "$name-$1" --policy-name "$name-$1" --policy-document "$(fill "$1")"
}
