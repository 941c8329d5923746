# Nothing is changed on create or update: the resource stands for the node's place in the cluster, so that deleting the
# host's lines from the config takes it out in order.
if [ "$1" != delete ]; then
  since=''
  retry 30 node_is_up || fail "$node_name is not an up and Ready member of the cluster" "run 'npm run homelab -- doctor'"
  exit 0
fi
take_lock
if k3s_is_present; then
  drain_node || grep 'not found' <<<"$drained" >/dev/null || drain_failed
  systemctl disable --quiet --now "$service"
  admin delete node "$node_name" --ignore-not-found >/dev/null
  admin delete secret --namespace kube-system "$node_name.node-password.k3s" --ignore-not-found >/dev/null
  uninstall
fi
say "changed: $node_name has left the cluster"
