# What a server owes the others when its k3s is restarted on purpose: one server at a time, only while all others are well,
# and not before they have taken over what they need of this one.

# /readyz includes the server's etcd.
other_servers_are_ready() {
  local server
  for server in "${other_servers[@]}"; do
    /usr/local/lib/homelab/check-api readyz "$server" || {
      say "the server $server is not ready"
      return 1
    }
  done
}

# The turn to restart is an object in the cluster: of all that try to create it, etcd lets one succeed. An interrupted run
# leaves it behind, and the next one of the same server goes on with it. The marker says that it may be ours.
turn=(lease --namespace kube-system homelab-restart)
turn_marker=$state/turn
turn_holder() { admin get "${turn[@]}" --ignore-not-found --request-timeout=5s --output 'jsonpath={.spec.holderIdentity}' 2>/dev/null; }
take_turn() {
  touch "$turn_marker"
  printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"kube-system","name":"homelab-restart"},"spec":{"holderIdentity":"%s"}}' "$node_name" |
    admin create --request-timeout=5s --filename=- >/dev/null 2>&1 || [ "$(turn_holder)" = "$node_name" ]
}
turn_is_taken() {
  local holder
  holder=$(turn_holder) ||
    fail "the API does not answer $node_name, which asks whether it is its turn to restart" \
      "'npm run homelab -- doctor' says what is wrong; when all servers are ready, try again"
  fail "it is not this server's turn to restart: ${holder:-another server, until a moment ago,} has it" \
    "wait until that one is up again; if it is: sudo systemctl start homelab-certificate-renewal on it gives its turn back; if it never will be: kubectl delete ${turn[*]}"
}
end_turn() {
  local holder
  [ -e "$turn_marker" ] || return 0
  holder=$(retry 30 turn_holder) || return 0
  if [ "$holder" = "$node_name" ]; then retry 30 admin delete "${turn[@]}" --request-timeout=5s >/dev/null || return 0; fi
  rm -f "$turn_marker"
}

# While the mark $leaving is there this server's own check of its API fails, see api-vip.ts. It is all that a run which is
# killed leaves behind, and counts for a while only.
stay() { rm -f "$leaving"; }
holds_no_api_address() {
  local address
  for address in "${api_vips[@]}"; do
    if ip -brief address show | grep --fixed-strings --word-regexp "$address" >/dev/null; then return 1; fi
  done
}

# Newer releases of k3s have a port of its own for etcd's JSON.
etcd_call() {
  local port tls=/var/lib/rancher/k3s/server/tls/etcd
  for port in 2382 2379; do
    curl --silent --fail --max-time 10 --cacert "$tls/server-ca.crt" --cert "$tls/client.crt" --key "$tls/client.key" \
      --data "$2" "https://127.0.0.1:$port/v3/$1" && return
  done
  return 1
}
# k3s ends without handing its leadership over, and the others would wait 5 to 10 seconds before they elect another.
hand_leadership_over() {
  local members self next
  curl --silent --max-time 3 http://127.0.0.1:2381/metrics | grep -x 'etcd_server_is_leader 1' >/dev/null || return 0
  members=$(etcd_call cluster/member/list '{}') || return 1
  self=$(grep -o '"member_id":"[0-9]*"' <<<"$members" | tr -dc 0-9)
  next=$(tr '{' '\n' <<<"$members" | grep '"ID"' | grep -v -e "\"ID\":\"$self\"" -e '"isLearner":true' |
    sed -n '1s/.*"ID":"\([0-9]*\)".*/\1/p')
  etcd_call maintenance/transfer-leadership "{\"targetID\":\"$next\"}" >/dev/null
}

# Nothing fails if it cannot be had: the others take it themselves then, some seconds after this server has gone.
hand_over() {
  [ "${#other_servers[@]}" -gt 0 ] || return 0
  trap stay EXIT
  touch "$leaving"
  retry 15 holds_no_api_address || say "no other server has taken the API's address"
  hand_leadership_over || say "etcd's leadership has stayed here"
}
