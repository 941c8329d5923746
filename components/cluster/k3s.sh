# apply_settings FOLDER: puts what k3s reads in place, on the disk before anything relies on it.
settings=(/etc/rancher/k3s/config.yaml /etc/rancher/k3s/kubelet.yaml /etc/rancher/k3s/registries.yaml)
unit_file=/etc/systemd/system/$service.service
apply_settings() {
  install -d -m 0755 /etc/rancher/k3s &&
    install -m 0600 "${settings[@]/#*\//$1/}" /etc/rancher/k3s/ &&
    install -m 0644 "$1/$service.service" "$unit_file" &&
    sync "${settings[@]}" "$unit_file"
}

# Puts what is staged in place. k3s takes it up at its next start.
apply_staged() {
  apply_settings "$staged"
  install -d -m 0755 "$(dirname "$k3s")"
  install -m 0755 "$artifact" "$k3s.new"
  sync "$k3s.new"
  mv -f "$k3s.new" "$k3s"
  for tool in kubectl crictl ctr; do [ -e "/usr/local/bin/$tool" ] || ln -s k3s "/usr/local/bin/$tool"; done
  local other
  # A host that has changed its role.
  for other in k3s k3s-agent; do
    if [ "$other" != "$service" ] && [ -e "/etc/systemd/system/$other.service" ]; then
      systemctl disable --quiet --now "$other"
      rm -f "/etc/systemd/system/$other.service"
    fi
  done
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
  local said renewed
  said=$(kubelet_kubectl get node "$node_name" \
    --output 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}') || return 1
  [[ $said = True\ * ]] || return 1
  if [[ ${said#* } > $since ]]; then return 0; fi
  # A kubelet that ran already repeats an unchanged word every five minutes only, and one of 1.32.0 to 1.32.2 not even when
  # it starts. One that is alive for longer than the old one may take to end has looked, and would have said otherwise.
  renewed=$(kubelet_kubectl get lease --namespace kube-node-lease "$node_name" --output 'jsonpath={.spec.renewTime}') &&
    [[ $renewed > $(date -u --date "$since 45 seconds" +%FT%TZ) ]]
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
  since=$(date -u +%FT%TZ)
  systemctl "$1" --no-block "$service"
  retry "$join_timeout_seconds" node_is_up
}
