# That this script runs proves that the settings let a fresh connection in.
if [ "$(current)" != "$ssh_conf" ]; then
  # The connection came too late. The next run keeps what this one changes once more.
  change_sshd
  fail "sshd's settings had been taken back, since no connection came within $revert_seconds s; they are changed anew" \
    "run 'pulumi up' again within $revert_seconds s"
fi
if systemctl is-active --quiet "$revert_unit.timer"; then
  systemctl stop "$revert_unit.timer"
fi
if [ -n "$ssh_conf" ]; then
  write_file "$kept" 0644 "$ssh_conf" || true
else
  rm -f "$kept"
fi
