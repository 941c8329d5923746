# What the cluster's API knows, as one JSON object on one server, by kubectl as the administrator. Reads only. Without nodes
# it fails; null stands for another question that was not answered, and standard error says why.
set -uo pipefail
# kubectl's own limit is that of a request, and one question may take several.
ask() {
  timeout 11 k3s kubectl "$@" --request-timeout=10s || {
    local code=$?
    [ "$code" != 124 ] || echo "kubectl did not end within 11 s" >&2
    return "$code"
  }
}
entry() { printf ',\n"%s": %s' "$1" "${2:-null}"; }

nodes=$(ask get nodes --output json) || exit 1

# Kinds that only some homes have: asking for one that is not there would spoil the answer for the others.
kinds=pods,services,jobs.batch
objects=
if installed=$(ask get customresourcedefinitions ipaddresspools.metallb.io certificates.cert-manager.io --ignore-not-found --output name); then
  for definition in $installed; do kinds+=",${definition#*/}"; done
  objects=$(ask get "$kinds" --all-namespaces --output json) || objects=
fi

failures=$(ask get events --all-namespaces --field-selector reason=AllocationFailed --output json) || failures=

# Helm keeps each revision in a Secret. The table has their names and labels, and not what is in them.
releases=$(ask get secrets --all-namespaces --selector owner=helm --show-labels --no-headers |
  awk '{ printf "%s{\"namespace\":\"%s\",\"secret\":\"%s\",\"labels\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2, $NF }') &&
  releases="[$releases]" || releases=

printf '{ "now": %s' "$(date +%s)"
entry nodes "$nodes"
entry objects "$objects"
entry allocationFailures "$failures"
entry releases "$releases"
printf ' }\n'
