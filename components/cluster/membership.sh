# Nothing is changed on create or update: the resource stands for the node's place in the cluster, so that deleting the
# host's lines from the config takes it out in order.
if [ "$1" != delete ]; then
  since=''
  retry 30 node_is_up || fail "$node_name is not an up and Ready member of the cluster" "run 'npm run homelab -- doctor'"
  exit 0
fi
take_lock
if k3s_is_present; then
  # The pods of a node that is down never end, so that a drain would wait in vain.
  if since='' retry 30 node_is_up; then
    drain_node || grep 'not found' <<<"$drained" >/dev/null || drain_failed
  else
    say "$node_name is down, so it is not drained"
  fi
  # A deletion that was cut off may have come further.
  [ ! -e "/etc/systemd/system/$service.service" ] || systemctl disable --quiet --now "$service"
  admin delete node "$node_name" --ignore-not-found --wait=false >/dev/null
  admin delete secret --namespace kube-system "$node_name.node-password.k3s" --ignore-not-found >/dev/null
  uninstall
fi
say "changed: $node_name has left the cluster"
