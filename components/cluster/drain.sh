# drain_node: evicts what can be evicted, within the limit; DaemonSets stay. What it said is in $drained.
drain_node() {
  drained=$(admin drain "$node_name" --ignore-daemonsets --delete-emptydir-data --force \
    --timeout="${drain_timeout_seconds}s" 2>&1)
}

drain_failed() {
  local remedy="mend that, then run 'pulumi up' again"
  if grep 'disruption budget' <<<"$drained" >/dev/null; then
    remedy="the PodDisruptionBudget named above allows no eviction: add a replica or mend the pods that are not Ready, then run 'pulumi up' again"
  fi
  fail "$node_name cannot be drained within $drain_timeout_seconds s: $(tail -n 4 <<<"$drained")" "$remedy"
}
