# Before cert-manager goes, its challenges must have gone: each holds a record at Cloudflare and a finalizer that nobody
# else removes, so that CRDs and namespaces would never end. Nothing is done on create or update.
[ "$1" = delete ] || exit 0

ask() { admin get "$@" --request-timeout=10s 2>/dev/null; }

# Sets left to the challenges that there are, a line each; without their kind there are none. Returns 1 without an answer.
left=
look() {
  local kind
  kind=$(ask customresourcedefinitions challenges.acme.cert-manager.io --ignore-not-found --output name) || return 1
  left=
  [ -n "$kind" ] || return 0
  left=$(ask challenges.acme.cert-manager.io --all-namespaces \
    --output 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}') || return 1
}
none_left() { look && [ -z "$left" ]; }

# Whoever is left belongs to a Certificate that still exists or cannot be cleaned up, say because the token is no good.
if ! retry "$timeout_seconds" none_left; then
  look || fail "the cluster does not say whether challenges of cert-manager's are left" \
    "see why the Kubernetes API does not answer here: systemctl status k3s; journalctl -u k3s -n 50" \
    "then run Pulumi again: it goes on from here"
  while read -r namespace name; do
    [ -n "$name" ] || continue
    say "challenge $namespace/$name is dropped; look for a TXT record _acme-challenge.$domain at Cloudflare"
    admin patch challenges.acme.cert-manager.io "$name" --namespace "$namespace" --type=merge --patch '{"metadata":{"finalizers":null}}' >/dev/null || true
    admin delete challenges.acme.cert-manager.io "$name" --namespace "$namespace" --ignore-not-found --wait=false >/dev/null || true
  done <<<"$left"
fi
