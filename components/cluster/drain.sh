# drain_node: evicts what can be evicted, within the limit; DaemonSets stay. What it said is in $drained. It goes on where
# the API is away for a moment, as while etcd elects a leader; that there is no such node is an answer.
drain_node() {
  local deadline=$(($(uptime_seconds) + drain_timeout_seconds)) left=$drain_timeout_seconds
  until drained=$(admin drain "$node_name" --ignore-daemonsets --delete-emptydir-data --force --timeout="${left}s" 2>&1); do
    if grep 'not found' <<<"$drained" >/dev/null; then return 1; fi
    sleep 2
    left=$((deadline - $(uptime_seconds)))
    [ "$left" -gt 0 ] || return 1
  done
}

drain_failed() {
  local remedy="mend that, then run 'pulumi up' again"
  if grep 'disruption budget' <<<"$drained" >/dev/null; then
    remedy="the PodDisruptionBudget named above allows no eviction: add a replica or mend the pods that are not Ready, then run 'pulumi up' again"
  fi
  fail "$node_name cannot be drained within $drain_timeout_seconds s: $(tail -n 4 <<<"$drained")" "$remedy"
}
