take_lock
marker=$state/cordoned
# What a run that was interrupted has left.
stay

if ! installed_by_us; then
  # Another key for the login or another time limit is an update, too: only what k3s reads decides that it is taken over.
  left_alone=$state/left-alone
  [ "$1" = update ] && [ "$(cat "$left_alone" 2>/dev/null)" != "$desired" ] || {
    [ "$(running_version)" = "$version" ] ||
      fail "k3s $(running_version) was found here and left alone, but the config asks for $version" \
        "set cluster.k3sVersion to $(running_version) to take it over as it is, and change the version afterwards"
    write_file "$left_alone" 0644 "$desired" || true
    exit 0
  }
  touch "$owned"
fi

# `kubectl cordon` and `uncordon` end well even where the API refuses or misses the change (kubectl's pkg/cmd/drain).
set_unschedulable() { admin patch node "$node_name" --patch "{\"spec\":{\"unschedulable\":$1}}" >/dev/null; }
ask_unschedulable() { unschedulable=$(admin get node "$node_name" --output 'jsonpath={.spec.unschedulable}'); }
# A node that its owner had cordoned stays so: the marker says that it was us.
cordon() {
  [ ! -e "$marker" ] || return 0
  retry 30 ask_unschedulable || return 1
  [ "$unschedulable" != true ] || return 0
  touch "$marker"
  retry 30 set_unschedulable true
}
uncordon() {
  [ -e "$marker" ] || return 0
  retry 60 set_unschedulable null && rm -f "$marker"
}

quorum_at_risk() {
  uncordon || true
  end_turn
  fail "restarting $node_name now could cost etcd its quorum" "bring the other servers back first, then run 'pulumi up' again"
}

# What k3s ran with until now: for the way back, and to know which labels are to go. What a run that was cut off has kept is
# older than what lies in its place now, and stays. To a release there is no way back: its data may be newer by then; nor
# to settings with which the node was down.
keep_former() {
  case $(cat "$applied" 2>/dev/null) in '' | interrupted) return 0 ;; esac
  rm -rf "$former"
  install -d -m 0700 "$former"
  cp "${settings[@]}" "$unit_file" "$applied" "$former/" || {
    rm -rf "$former"
    say "what k3s runs with cannot be kept in $former: there is no way back to it"
    return 0
  }
  if [ "$1" = up ]; then running_version >"$former/version"; fi
}
go_back() {
  [ "$(cat "$former/version" 2>/dev/null)" = "$version" ] || return 1
  say "changed: restarting k3s on $node_name with its former settings"
  end_at_once
  apply_settings "$former" && systemctl daemon-reload && start_and_wait restart && uncordon && end_turn &&
    install -m 0644 "$former/applied" "$applied"
}
# k3s that is asked to stop while it still reconciles its data (reconcileEtcd) loops for ever. It has nothing to finish.
end_at_once() { systemctl kill --kill-who=main --signal=SIGKILL "$service" 2>/dev/null || true; }

# former_items LIST: the items of a list of the former config.yaml.
former_items() {
  [ ! -e "$former/config.yaml" ] ||
    awk -v list="$1:" '$0 == list { on = 1; next } /^[^ ]/ { on = 0 } on { gsub(/["\047]/, ""); print $2 }' "$former/config.yaml"
}
# Labels are known by their key, taints by key and effect.
without_values() { sed -e '/^$/d' -e 's/=[^:]*//' | sort --unique; }
taken_off() {
  local said
  said=$(admin "$1" node "$node_name" "$2-" 2>&1) || grep 'not found' <<<"$said" >/dev/null
}
# settle KIND [ITEM...]: k3s hands labels and taints over only when a node registers, and takes none away.
settle() {
  local kind=$1 name
  shift
  [ "$#" -eq 0 ] || retry 60 admin "$kind" node "$node_name" --overwrite "$@" >/dev/null ||
    fail "$kind $* cannot be set on $node_name" "run 'pulumi up' again"
  while read -r name; do
    retry 10 taken_off "$kind" "$name" || say "$kind $name could not be taken off $node_name"
  done < <(comm -23 <(former_items "node-$kind" | without_values) <(printf '%s\n' "$@" | without_values))
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

# A node that is down has nothing to drain: the restart is what mends it. One look may fail where all is well.
if since='' retry 60 node_is_up; then
  keep_former up
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
  keep_former down
  say "$node_name is down, so it is not drained"
  # It may be the kubelet alone, and etcd's vote counts. (k3s whose API does not come up is never active.)
  if [ "${#other_servers[@]}" -gt 0 ] && [ "$role" = server ] && systemctl is-active --quiet "$service" && retry 10 etcd_is_voter; then
    retry 60 take_turn || turn_is_taken
    retry 15 other_servers_are_ready || quorum_at_risk
  fi
  end_at_once
fi

# From here on neither the old state holds nor yet the new one: whatever the next run is asked for, it restarts again.
echo interrupted >"$applied"
apply_staged
say "changed: restarting k3s on $node_name"
start_and_wait restart || {
  diagnose
  if go_back; then
    fail "$node_name did not come back within $join_timeout_seconds s; it runs with its former settings again, and no further node is touched" \
      "correct the changed setting, or take it back, and run 'pulumi up' again: nodes before it have the new ones"
  fi
  fail "$node_name did not come back within $join_timeout_seconds s; it stays cordoned and no further node is touched" \
    "mend the cause and run 'pulumi up' again; if that finds nothing to do: docs/operations.md, 'Running a step again', for $node_name-k3s-rollout"
}
stay
settle label "${labels[@]}"
settle taint "${taints[@]}"
uncordon || fail "$node_name cannot be uncordoned" "run 'kubectl uncordon $node_name', then 'pulumi up' again"
end_turn
install -m 0644 "$staged/desired" "$applied"
rm -rf "$former"
find "$state" -maxdepth 1 -name 'k3s-v*' ! -name "k3s-$version*" -delete
