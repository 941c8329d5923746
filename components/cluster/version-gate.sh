# Kubernetes supports neither a skipped minor nor a way back: https://kubernetes.io/releases/version-skew-policy/
minor_of() { cut -d . -f 2 <<<"$1"; }
take_lock
template='jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}'
nodes=
for server in 127.0.0.1 "${other_servers[@]}"; do
  nodes=$(admin --server "https://$server:6443" --request-timeout=10s get nodes --output "$template") && break
done
[ -n "$nodes" ] || fail "no server says which versions run" "bring a server's API back, then run 'pulumi up' again"
while read -r node running; do
  [ -n "$running" ] || continue
  if [ "$(minor_of "$version")" -gt $(($(minor_of "$running") + 1)) ]; then
    fail "$node runs $running: going to $version skips a minor version" \
      "set cluster.k3sVersion to a release of 1.$(($(minor_of "$running") + 1)) first"
  fi
  if [ "$running" != "$version" ] && [ "$(printf '%s\n' "$running" "$version" | sort --version-sort | head -n 1)" = "$version" ]; then
    fail "$node runs $running: $version would be a downgrade, which etcd's data does not survive" \
      "set cluster.k3sVersion to $running or later; to go back, restore a snapshot taken before the upgrade"
  fi
done <<<"$nodes"
