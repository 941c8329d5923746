# kubectl as the cluster's administrator, by any server that answers: the kubeconfig is the step's secret, kept in memory.
kubeconfig=$(mktemp /run/homelab.XXXXXX)
trap 'rm -f "$kubeconfig"' EXIT
cat <&3 >"$kubeconfig"
admin() {
  local server
  for server in "${other_servers[@]}"; do
    if answers "$server"; then
      "$k3s" kubectl --kubeconfig "$kubeconfig" --server "https://$server:6443" "$@"
      return
    fi
  done
  say "no server answers at port 6443 of ${other_servers[*]}"
  return 1
}
