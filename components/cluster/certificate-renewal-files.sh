take_lock
write_file /usr/local/lib/homelab/renew-certificates 0755 "$program" || true
write_file /etc/systemd/system/homelab-certificate-renewal.service 0644 "$service_unit" || true
write_file /etc/systemd/system/homelab-certificate-renewal.timer 0644 "$timer_unit" || true
# Also when the files were right already: the run that wrote them may have ended before this line.
systemctl daemon-reload
systemctl enable --quiet homelab-certificate-renewal.timer
systemctl restart homelab-certificate-renewal.timer
