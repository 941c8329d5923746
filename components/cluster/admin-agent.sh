# kubectl as the cluster's administrator, by any server whose API is ready: the kubeconfig is the step's secret, kept in
# memory.
kubeconfig=$(mktemp /run/homelab.XXXXXX)
trap 'rm -f "$kubeconfig"' EXIT
cat <&3 >"$kubeconfig"
# kubectl_by SERVER ARG...
kubectl_by() { "$k3s" kubectl --kubeconfig "$kubeconfig" --server "https://$1:6443" "${@:2}"; }
admin() {
  local server said='none of them answers'
  for server in "${other_servers[@]}"; do
    # A k3s without etcd answers all the same, but its API is not ready.
    answers "$server" || continue
    if said=$(kubectl_by "$server" get --raw /readyz --request-timeout=5s 2>&1); then
      kubectl_by "$server" "$@"
      return
    fi
  done
  say "no server's API is ready at port 6443 of ${other_servers[*]}: $(tail -n 1 <<<"$said")"
  return 1
}
