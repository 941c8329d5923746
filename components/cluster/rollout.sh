take_lock
marker=$state/cordoned
# What a run that was interrupted has left.
stay

if ! installed_by_us; then
  [ "$1" = update ] || {
    [ "$(running_version)" = "$version" ] ||
      fail "k3s $(running_version) was found here and left alone, but the config asks for $version" \
        "set cluster.k3sVersion to $(running_version) to take it over as it is, and change the version afterwards"
    exit 0
  }
  touch "$owned"
fi

# A node that its owner had cordoned stays so: the marker says that it was us.
cordon() {
  [ ! -e "$marker" ] || return 0
  [ "$(admin get node "$node_name" --output 'jsonpath={.spec.unschedulable}')" != true ] || return 0
  touch "$marker"
  admin cordon "$node_name" >/dev/null
}
uncordon() {
  [ -e "$marker" ] || return 0
  retry 60 admin uncordon "$node_name" >/dev/null && rm -f "$marker"
}

quorum_at_risk() {
  uncordon || true
  end_turn
  fail "restarting $node_name now could cost etcd its quorum" "bring the other servers back first, then run 'pulumi up' again"
}

if [ "$(cat "$applied" 2>/dev/null)" = "$desired" ]; then
  since=''
  retry "$join_timeout_seconds" node_is_up || {
    diagnose
    fail "$node_name is not up" "mend the cause and run 'pulumi up' again"
  }
  uncordon || fail "$node_name cannot be uncordoned" "run 'kubectl uncordon $node_name'"
  end_turn
  exit 0
fi

# A node that is down has nothing to drain and no vote to lose: the restart is what mends it.
if since='' node_is_up; then
  if [ "$role" = server ]; then retry 60 other_servers_are_ready || quorum_at_risk; fi
  cordon || fail "$node_name cannot be cordoned" "mend what the line above says, then run 'pulumi up' again"
  drain_node || {
    uncordon || true
    drain_failed
  }
  # Draining takes minutes, in which another server may have gone.
  if [ "$role" = server ]; then
    retry 60 take_turn || {
      uncordon || true
      turn_is_taken
    }
    hand_over
    retry 15 other_servers_are_ready || quorum_at_risk
  fi
else
  say "$node_name is down, so it is not drained"
  # k3s that is asked to stop while it still reconciles its data (reconcileEtcd) loops for ever. It has nothing to finish.
  systemctl kill --kill-who=main --signal=SIGKILL "$service" 2>/dev/null || true
fi

# From here on neither the old state holds nor yet the new one: whatever the next run is asked for, it restarts again.
echo interrupted >"$applied"
apply_staged
say "changed: restarting k3s on $node_name"
start_and_wait restart || {
  diagnose
  fail "$node_name did not come back within $join_timeout_seconds s; it stays cordoned and no other node is touched" \
    "mend the cause, or take the changed setting back, and run 'pulumi up' again"
}
stay
# k3s hands labels and taints over only when a node registers.
[ "${#labels[@]}" -eq 0 ] || retry 60 admin label node "$node_name" --overwrite "${labels[@]}" >/dev/null
[ "${#taints[@]}" -eq 0 ] || retry 60 admin taint node "$node_name" --overwrite "${taints[@]}" >/dev/null
uncordon || fail "$node_name cannot be uncordoned" "run 'kubectl uncordon $node_name', then 'pulumi up' again"
end_turn
install -m 0644 "$staged/desired" "$applied"
find "$state" -maxdepth 1 -name 'k3s-v*' ! -name "k3s-$version*" -delete
