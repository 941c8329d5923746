port_is_open() { timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }

# The token is given to curl on standard input, never as an argument. Prints the HTTP status.
token_status() {
  printf 'user = "%s:%s"\n' "$([ "$role" = server ] && echo server || echo node)" "$(cat "$token_file")" |
    curl --config - --silent --insecure --max-time 5 --output /dev/null --write-out '%{http_code}' \
      "https://$1:6443/v1-k3s/$([ "$role" = server ] && echo server-bootstrap || echo config)" || true
}

clock_offset_seconds() {
  local theirs
  theirs=$(curl --silent --insecure --head --max-time 5 "https://$1:6443/cacerts" | sed -n 's/^[Dd]ate: //p' | tr -d '\r')
  [ -n "$theirs" ] || return 1
  echo $(($(date +%s) - $(date --date "$theirs" +%s)))
}

# clock_is_off SECONDS: by so much that certificates and leases are misjudged.
clock_is_off() { [ "${1#-}" -ge 60 ]; }

# Why k3s ended by itself while it was waited for; empty if it did not. systemd starts it again at once, and then its last
# lines are those of a start that goes well so far.
last_words() {
  [ "$(systemctl show --property NRestarts --value "$service")" -gt 0 ] 2>/dev/null || return 0
  journalctl --unit "$service" --since "-${join_timeout_seconds}s" --no-pager --output cat |
    grep -E 'level=fatal|^panic: |leaderelection lost' | tail -n 1 | cut -c 1-500
}

# Gathers what a person would look at, ends with the likely cause.
diagnose() {
  local cause='' server offset port words
  say "--- last lines of $service:"
  journalctl --unit "$service" --no-pager --lines 25 --output cat >&2 || true
  words=$(last_words) || true
  [ -z "$words" ] || say "--- why it ended and was started again, the last time: $words"
  for server in "${other_servers[@]}"; do
    for port in 6443 2379 2380; do
      if port_is_open "$server" "$port"; then
        say "$server:$port is reachable"
      elif [ "$server" = "${joined-}" ] && [ "$port" -ne 2379 ]; then
        cause="port $port of $server cannot be reached from here: a firewall, or its k3s is down"
      else
        say "$server:$port is NOT reachable"
      fi
    done
    if offset=$(clock_offset_seconds "$server"); then
      say "clock: $offset s ahead of $server"
      ! clock_is_off "$offset" || cause="the clock differs by $offset s from $server: set up time synchronisation"
    fi
  done
  if [ -n "${joined-}" ] && [ "$(token_status "$joined")" = 401 ]; then
    cause="$joined refuses the cluster token: this host was given another one than the cluster has"
  fi
  if [ "$role" = server ]; then
    for port in 2380 6443; do
      port_is_open "$node_address" "$port" || say "$node_address:$port does not answer on this host itself"
    done
  fi
  for address in "${api_vips[@]}"; do
    if ip -brief address show | grep -w "$address" >/dev/null; then say "this host holds the API address $address"; fi
  done
  if command -v ufw >/dev/null && ufw status | grep '^Status: active' >/dev/null; then
    cause=${cause:-"ufw is active on this host: open 2379-2380, 6442-6443, 10250 (TCP) and 8472 (UDP) between the hosts"}
  fi
  [ -z "$words" ] || words="$service ends by itself; why is said above"
  say "likely cause: ${cause:-${words:-not recognised; the lines of $service above say more}}"
}
