# MetalLB's objects are refused until its webhook answers, which is some time after its pods are ready: the controller has
# to make its certificate and the API servers have to learn it. A pool that is only tried out shows when.
# 192.0.0.8 is the dummy address, which no pool can hold: https://www.iana.org/assignments/iana-ipv4-special-registry
pool='{"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool","metadata":{"namespace":"'$namespace'","name":"'$step'"},
  "spec":{"addresses":["192.0.0.8/32"],"autoAssign":false}}'

# Keeps what it prints in answer.
webhook_answers() {
  answer=$(admin create --dry-run=server --request-timeout=10s --filename=- 2>&1 <<<"$pool")
}

answer=
if ! retry "$timeout_seconds" webhook_answers; then
  say "MetalLB's pods:"
  admin --request-timeout=10s --namespace "$namespace" get pods --output wide >&2 || true
  fail "MetalLB $version does not take address pools after $timeout_seconds s: ${answer##*$'\n'}" \
    "see why its controller is not ready: kubectl -n $namespace describe pods; kubectl -n $namespace logs deployment/metallb-controller" \
    "then run 'pulumi up' again: it goes on from here"
fi
