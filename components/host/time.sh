# A Pi has no clock that runs without power: until time is synchronised, certificates and leases mean nothing.
take_lock
synchronised() { [ "$(timedatectl show --property NTPSynchronized --value 2>/dev/null)" = yes ]; }
time_client() {
  local unit
  for unit in chrony chronyd ntpsec ntp ntpd openntpd systemd-timesyncd; do
    if [ "$(systemctl show --property LoadState --value "$unit.service")" = loaded ]; then
      echo "$unit"
      return
    fi
  done
  return 1
}
# By the server that the host downloads k3s from. Its certificate may be judged by the wrong clock, so it is not checked.
clock_offset_seconds() {
  local theirs
  theirs=$(curl --silent --insecure --head --max-time 10 "$clock_reference" | sed -n 's/^[Dd]ate: //p' | tr -d '\r')
  [ -n "$theirs" ] || return 1
  echo $(($(date +%s) - $(date --date "$theirs" +%s)))
}

if in_container; then exit 0; fi
client=$(time_client) || {
  install_packages systemd-timesyncd
  client=systemd-timesyncd
}
systemctl is-enabled --quiet "$client" && systemctl is-active --quiet "$client" || {
  systemctl enable --now --quiet "$client" || fail "$client cannot be started" "'systemctl status $client' on the host says why"
  say "changed: $client is enabled"
}
if ! retry "$sync_wait_seconds" synchronised; then
  # The step that installs what a node needs comes later.
  command -v curl >/dev/null || install_packages ca-certificates curl
  if offset=$(clock_offset_seconds) && [ "${offset#-}" -gt "$largest_offset_seconds" ]; then
    fail "the clock is $offset s off, and $client has found no time server in $sync_wait_seconds s" \
      "let the host reach a time server (UDP port 123), or name one of your LAN in the configuration of $client"
  fi
  say "warning: time is not synchronised ($client has found no server in $sync_wait_seconds s); the clock is ${offset:-an unknown number of} s off"
fi
