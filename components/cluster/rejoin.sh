# A node may not be newer than the servers, and the version gate comes too late for one that joins.
refuse_newer_release() {
  local newest wanted
  wanted=$(cat "$staged/version") && newest=$(node_releases --request-timeout=10s | cut -d ' ' -f 2 | sort --version-sort | tail -n 1) || return 1
  if [ -n "$newest" ] && [ "$(minor_of "$wanted")" -gt "$(minor_of "$newest")" ]; then
    fail "$node_name would join with k3s $wanted, and the cluster runs $newest" \
      "set cluster.k3sVersion to $newest until $node_name has joined, and upgrade afterwards; or upgrade first, without its lines in the config"
  fi
}

# A host that comes back empty under its old name is refused as a duplicate: the cluster still has its node password and,
# for a server, its etcd member. This host cannot ask for their removal as a node, but it holds the cluster token, with
# which k3s hands out the cluster's certificate authorities to a joining server; a short-lived certificate from them does.
forget_old_self() {
  local api="https://$1:6443"
  work=$(mktemp -d /run/homelab.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  printf 'user = "server:%s"\n' "$(cat "$token_file")" |
    curl --config - --silent --fail --insecure --max-time 10 --output "$work/bootstrap" "$api/v1-k3s/server-bootstrap" || return 1
  authority() { grep -o "\"$1\":{[^}]*}" "$work/bootstrap" | sed 's/.*"Content":"\([^"]*\)".*/\1/' | base64 -d; }
  authority ClientCA >"$work/ca.crt"
  authority ClientCAKey >"$work/ca.key"
  authority ServerCA >"$work/server-ca.crt"
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/admin.key"
  openssl req -new -key "$work/admin.key" -subj "/O=system:masters/CN=homelab-rejoin" |
    openssl x509 -req -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 1 -out "$work/admin.crt" 2>/dev/null
  rm -f "$work/ca.key" "$work/bootstrap"
  admin() {
    "$artifact" kubectl --server "$api" --certificate-authority "$work/server-ca.crt" --client-certificate "$work/admin.crt" \
      --client-key "$work/admin.key" --kubeconfig /dev/null --request-timeout=10s "$@"
  }
  # One that answers may have an etcd that does not.
  answers_about_nodes() {
    local server
    for server in "${other_servers[@]}"; do
      answers "$server" || continue
      api="https://$server:6443" joined=$server
      reason=$(admin get node "$node_name" --ignore-not-found 2>&1 >/dev/null) && return
    done
    return 1
  }
  local reason='none of its servers answers'
  retry 30 answers_about_nodes ||
    fail "the cluster that answers at $joined does not say whether it knows $node_name: $(tail -n 1 <<<"$reason")" \
      "most of its servers have to be up for that: bring the others back, then run 'pulumi up' again"
  # Before anything is taken away.
  refuse_newer_release || return 1
  # Here nothing may be taken from a question that failed: silence has to be the API's word.
  old_self_is_silent() {
    local ready
    ready=$(admin get node "$node_name" --ignore-not-found --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') &&
      [ "$ready" != True ]
  }
  old_self_is_gone() {
    local left
    left=$(admin get node "$node_name" --ignore-not-found --output name) && [ -z "$left" ]
  }
  if ! old_self_is_gone; then
    retry 90 old_self_is_silent ||
      fail "a node named $node_name is alive in the cluster" \
        "if it is another machine, give this host another name in the config; if it is this one, stop its k3s first"
    say "changed: removing the old node $node_name (its disk was replaced)"
    admin delete node "$node_name" --ignore-not-found --wait=false >/dev/null || return 1
    # k3s takes the member out of etcd before it lets go of the node.
    retry 60 old_self_is_gone || return 1
  fi
  admin delete secret --namespace kube-system "$node_name.node-password.k3s" --ignore-not-found >/dev/null || return 1
  rm -rf "$work"
}
