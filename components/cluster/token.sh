take_lock
token=$(cat <&3)
# The token that this node's cluster holds, as far as it knows: a server has it from k3s, an agent had it from here.
held_token() {
  local held=
  if [ -d "$etcd_data" ]; then
    held=$(cat /var/lib/rancher/k3s/server/token 2>/dev/null)
  elif [ -e /var/lib/rancher/k3s/agent/kubelet.kubeconfig ]; then
    held=$(cat "$token_file" 2>/dev/null)
  fi
  printf '%s' "${held#*::server:}"
}
# k3s with another token than the one that etcd's data is encrypted with would not start any more, which would show at its
# next start only. A later generation has been taken over by the cluster when this runs (token-rotation.sh).
held=$(held_token)
if [ "$generation" = 1 ] && [ -n "$held" ] && [ "$held" != "$token" ]; then
  fail "this host is a node of a cluster with another token than this stack's, which is left as it is" \
    "go on with the stack and the state that made that cluster; if they are lost: docs/operations.md, 'The state is lost'" \
    "if the host comes from another cluster that is no more: remove /var/lib/rancher and /etc/rancher from it" \
    "if somebody has changed $token_file on an agent of this cluster: remove that file"
fi
umask 077
install -d -m 0755 /etc/rancher/k3s
printf '%s\n' "$token" >"$token_file.new"
sync "$token_file.new"
mv -f "$token_file.new" "$token_file"
