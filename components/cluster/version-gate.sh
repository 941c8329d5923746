# Kubernetes supports neither a skipped minor nor a way back: https://kubernetes.io/releases/version-skew-policy/
# From 1.34 on k3s has etcd 3.6, which takes members that were removed long ago for living ones unless the last 3.5 has put its
# data right: https://etcd.io/blog/2025/zombie_members_upgrade/
etcd_36_minor=34
before_etcd_36=v1.33.7+k3s3
take_lock
nodes=
for server in 127.0.0.1 "${other_servers[@]}"; do
  nodes=$(node_releases --server "https://$server:6443" --request-timeout=10s) && break
done
[ -n "$nodes" ] || fail "no server says which versions run" "bring a server's API back, then run 'pulumi up' again"
while read -r node running; do
  [ -n "$running" ] || continue
  if [ "$(minor_of "$version")" -gt $(($(minor_of "$running") + 1)) ]; then
    fail "$node runs $running: going to $version skips a minor version" \
      "set cluster.k3sVersion to a release of 1.$(($(minor_of "$running") + 1)) first"
  fi
  if older "$version" "$running"; then
    fail "$node runs $running: $version would be a downgrade, which etcd's data does not survive" \
      "set cluster.k3sVersion to $running or later; to go back, restore a snapshot taken before the upgrade"
  fi
  if [ "$(minor_of "$version")" -ge "$etcd_36_minor" ] && older "$running" "$before_etcd_36"; then
    fail "$node runs $running: $version has etcd 3.6, in which servers that were removed or replaced may come back to life" \
      "set cluster.k3sVersion to $before_etcd_36 or a later release of 1.33 first, and run 'pulumi up': its etcd puts the data right"
  fi
done <<<"$nodes"
