take_lock
drop_in=/etc/systemd/journald.conf.d/90-homelab.conf
if set_drop_in "$drop_in" "$journal_conf"; then
  systemctl restart systemd-journald.service || {
    # The next run must find something to do.
    rm -f "$drop_in"
    fail "systemd-journald does not start with $drop_in" "'journalctl -u systemd-journald' on the host says why"
  }
fi
