# Answers one word on a TCP port, with k3s running or not: "member" if this server holds etcd data, else "empty".
# A server that has to decide whether to initialise a cluster asks all others; see install.
take_lock
changed=
write_file /usr/local/lib/homelab/etcd-presence 0755 "$responder" && changed=yes
write_file /etc/systemd/system/homelab-etcd-presence.socket 0644 "$socket_unit" && changed=yes
write_file /etc/systemd/system/homelab-etcd-presence@.service 0644 "$service_unit" && changed=yes
if [ -n "$changed" ]; then
  systemctl daemon-reload
  systemctl restart homelab-etcd-presence.socket
fi
systemctl enable --quiet --now homelab-etcd-presence.socket
