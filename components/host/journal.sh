take_lock
if set_drop_in /etc/systemd/journald.conf.d/90-homelab.conf "$journal_conf"; then
  systemctl restart systemd-journald.service
fi
