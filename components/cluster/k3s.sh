# Puts what is staged in place. k3s takes it up at its next start.
apply_staged() {
  install -d -m 0755 /etc/rancher/k3s "$(dirname "$k3s")"
  install -m 0600 "$staged/config.yaml" "$staged/kubelet.yaml" "$staged/registries.yaml" /etc/rancher/k3s/
  install -m 0644 "$staged/$service.service" /etc/systemd/system/
  install -m 0755 "$artifact" "$k3s.new"
  sync "$k3s.new"
  mv -f "$k3s.new" "$k3s"
  for tool in kubectl crictl ctr; do [ -e "/usr/local/bin/$tool" ] || ln -s k3s "/usr/local/bin/$tool"; done
  systemctl daemon-reload
  systemctl enable --quiet "$service"
}

# kubectl as this node's kubelet: enough to read its own Node and Lease.
kubelet_kubectl() {
  "$k3s" kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig --request-timeout=5s "$@" 2>/dev/null
}

# A node stays Ready in the API while its kubelet is silent, and after a restart until the new one has looked for the first
# time. So only what a kubelet has said since $since (RFC 3339, UTC) counts; empty: at any time.
node_is_ready() {
  local said
  said=$(kubelet_kubectl get node "$node_name" \
    --output 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}') &&
    [[ $said = True\ * && ${said#* } > $since ]]
}

# (grep without --quiet throughout: with pipefail, a reader that leaves early makes its writer's SIGPIPE the result.)
# etcd is healthy only with a leader, and a member that still learns the data is no voter yet.
etcd_is_voter() {
  curl --silent --max-time 3 http://127.0.0.1:2381/health | grep '"health":"true"' >/dev/null &&
    curl --silent --max-time 3 http://127.0.0.1:2381/metrics | grep -x 'etcd_server_is_learner 0' >/dev/null
}

node_is_up() {
  systemctl is-active --quiet "$service" && node_is_ready && { [ "$role" = agent ] || etcd_is_voter; }
}

start_and_wait() {
  since=''
  # A kubelet that runs already repeats itself every five minutes only.
  if [ "$1" = restart ] || ! systemctl is-active --quiet "$service"; then since=$(date -u +%FT%TZ); fi
  systemctl "$1" --no-block "$service"
  retry "$join_timeout_seconds" node_is_up
}
