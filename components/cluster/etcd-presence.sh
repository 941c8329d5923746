# Answers one word on a TCP port, with k3s running or not: "member" if this server holds etcd data,
# "initialising" if it sets out to make the cluster's first, else "empty". A server that has to decide whether to initialise a
# cluster asks all others; see install.
take_lock
write_file /usr/local/lib/homelab/etcd-presence 0755 "$responder" || true
write_file /etc/systemd/system/homelab-etcd-presence.socket 0644 "$socket_unit" || true
write_file /etc/systemd/system/homelab-etcd-presence@.service 0644 "$service_unit" || true
# Also when the files were right already: the run that wrote them may have ended before this line.
systemctl daemon-reload
systemctl enable --quiet homelab-etcd-presence.socket
systemctl restart homelab-etcd-presence.socket
