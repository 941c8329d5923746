# That this script runs proves that the settings let a fresh connection in. Nothing may take them back from here on, and a
# timer whose time was over just before must have done so.
systemctl stop "$revert_unit.timer" 2>/dev/null || true
revert_is_over() { ! systemctl is-active --quiet "$revert_unit.service"; }
retry 30 revert_is_over ||
  fail "what takes sshd's settings back does not end" "look at 'systemctl status $revert_unit.service' on the host"
if [ "$(current)" != "$ssh_conf" ]; then
  # The connection came too late. The next run keeps what this one changes once more.
  change_sshd
  fail "sshd's settings had been taken back, since no connection came within $revert_seconds s; they are changed anew" \
    "run 'pulumi up' again within $revert_seconds s"
fi
if [ -n "$ssh_conf" ]; then
  write_file "$kept" 0644 "$ssh_conf" || true
else
  rm -f "$kept"
fi
