take_lock
drop_in=/etc/systemd/journald.conf.d/90-homelab.conf
if set_drop_in "$drop_in" "$journal_conf" || ! systemctl is-active --quiet systemd-journald.service; then
  systemctl restart systemd-journald.service || {
    # The next run must find something to do, and a host without a journal would hide what goes wrong meanwhile.
    rm -f "$drop_in"
    systemctl reset-failed systemd-journald.service || true
    systemctl restart systemd-journald.service || true
    fail "systemd-journald does not start with $drop_in" "'journalctl -u systemd-journald' on the host says why"
  }
fi
