take_lock
marker=$state/cordoned

if ! installed_by_us; then
  [ "$1" = update ] || {
    [ "$(running_version)" = "$version" ] ||
      fail "k3s $(running_version) was found here and left alone, but the config asks for $version" \
        "set cluster.k3sVersion to $(running_version) to take it over as it is, and change the version afterwards"
    exit 0
  }
  touch "$owned"
fi

[ "$(cat "$applied" 2>/dev/null)" != "$desired" ] || {
  since=''
  retry "$join_timeout_seconds" node_is_up || {
    diagnose
    fail "$node_name is not up" "mend the cause and run 'pulumi up' again"
  }
  exit 0
}

other_servers_are_ready() {
  local server
  for server in "${other_servers[@]}"; do answers "$server" || { say "the server $server does not answer"; return 1; }; done
}
if [ "$role" = server ]; then
  retry 60 other_servers_are_ready ||
    fail "restarting $node_name now could cost etcd its quorum" "bring the other servers back first, then run 'pulumi up' again"
fi

# A node that its owner had cordoned stays so.
if [ ! -e "$marker" ] && [ "$(admin get node "$node_name" --output 'jsonpath={.spec.unschedulable}')" != true ]; then
  touch "$marker"
  admin cordon "$node_name" >/dev/null
fi
drained=$(admin drain "$node_name" --ignore-daemonsets --delete-emptydir-data --force --timeout="${drain_timeout_seconds}s" 2>&1) || {
  if [ -e "$marker" ]; then admin uncordon "$node_name" >/dev/null && rm -f "$marker"; fi
  fail "$node_name cannot be drained within $drain_timeout_seconds s: $(tail -n 4 <<<"$drained")" \
    "a PodDisruptionBudget named above allows no eviction: add a replica or mend the pods that are not Ready, then run 'pulumi up' again"
}
apply_staged
say "changed: restarting k3s on $node_name"
start_and_wait restart || {
  diagnose
  fail "$node_name did not come back with k3s $version within $join_timeout_seconds s; it stays cordoned and no other node is touched" \
    "mend the cause, or set the version back, and run 'pulumi up' again"
}
if [ -e "$marker" ]; then
  retry 60 admin uncordon "$node_name" >/dev/null
  rm -f "$marker"
fi
install -m 0644 "$staged/desired" "$applied"
find "$state" -maxdepth 1 -name 'k3s-v*' ! -name "k3s-$version*" -delete
