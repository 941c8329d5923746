# Restarts k3s before one of its certificates ends: it renews them when it starts, and a node that is never restarted would
# let them run out. Once a day, by a timer. Whatever hinders it fails the unit, and the next day tries again.
[ -e "$owned" ] || exit 0
exec 9<>"$lock"
flock --nonblock 9 || {
  say "not today, another homelab step works on this host: $(cat "$lock")"
  exit 0
}
printf 'step %s, process %s\n' "$step" "$$" >"$lock"

# Authorities live for ten years, and no restart renews them.
is_authority() { openssl x509 -in "$1" -noout -text | grep 'CA:TRUE' >/dev/null; }
ends_soon() {
  local end certificate
  while read -r end certificate; do
    if [ "$end" -lt $(($(date +%s) + renewal_days * 86400)) ] && ! is_authority "$certificate"; then
      printf '%s %s\n' "$end" "$certificate"
    fi
  done < <(certificate_ends "${k3s_certificates[@]}")
}
# Lines of certificates that a restart has left as they were: another one each day would not help either.
unrenewed=$state/unrenewed
refuse_in_vain() {
  fail "k3s has not renewed when it was restarted: $(cut -d ' ' -f 2 "$unrenewed" | tr '\n' ' ')" \
    "'journalctl -u $service' on this host says why; if k3s does not use these files any more, remove them"
}

# What a run that was interrupted has left, on this disk or on the one before.
stay
since=''
if [ "$role" = server ] && node_is_up; then
  touch "$turn_marker"
  end_turn
fi

refuse_alone() {
  end_turn
  fail "k3s is not restarted while another server is not ready" "bring that server back; the next try is tomorrow"
}

due=$(ends_soon)
if [ -z "$due" ]; then
  rm -f "$unrenewed"
  exit 0
fi
if [ -e "$unrenewed" ] && [ -z "$(grep --invert-match --line-regexp --fixed-strings --file="$unrenewed" <<<"$due")" ]; then refuse_in_vain; fi
# A node whose certificate has ended is lost to the cluster: days before, that is worse than a quorum that is away for the half
# minute of a restart.
is_urgent() { [ "$(sort --numeric-sort <<<"$due" | head -n 1 | cut -d ' ' -f 1)" -lt $(($(date +%s) + urgent_days * 86400)) ]; }
urgent() {
  is_urgent || return 1
  say "$1, but the first certificate ends in less than $urgent_days days: k3s is restarted all the same"
}
say "to be renewed: $(cut -d ' ' -f 2 <<<"$due" | tr '\n' ' ')"

systemctl is-active --quiet "$service" || fail "$service does not run" "start it: it renews its certificates when it starts"
# Two servers may come to this on the same day: only one of them gets the turn, and it gives the turn back when it is up.
if [ "$role" = server ] && [ "${#other_servers[@]}" -gt 0 ]; then
  retry "$patience_seconds" other_servers_are_ready || urgent "another server is not ready" || refuse_alone
  retry "$patience_seconds" take_turn || urgent "another server has the turn to restart, or none can be had" || turn_is_taken
  hand_over
  retry "$patience_seconds" other_servers_are_ready || is_urgent || refuse_alone
fi
say "changed: restarting $service"
start_and_wait restart ||
  fail "$node_name did not come back within $join_timeout_seconds s" "'journalctl -u $service' on this host says why"
stay
end_turn

ends_soon >"$unrenewed"
if [ -s "$unrenewed" ]; then refuse_in_vain; fi
rm -f "$unrenewed"
say "changed: k3s has renewed its certificates"
