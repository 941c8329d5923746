# Whether to initialise a cluster is decided here and now, never by the order of a list:
# etcd data -> start as it is; a configured server answers -> join it; no server has etcd data -> initialise.
take_lock

joined=
# There as long as this server sets out to initialise the cluster; homelab-etcd-presence says so to the others.
initialising=$state/initialising
find_server() {
  local server
  for server in "${other_servers[@]}"; do
    if answers "$server"; then
      joined=$server
      return 0
    fi
  done
  return 1
}

# The CA by which this host's k3s knows its cluster is the one that the server shows.
is_of_the_cluster_of() { curl --silent --insecure --max-time 5 "https://$1:6443/cacerts" | cmp --silent - "$cluster_ca"; }

if ! installed_by_us && k3s_is_present; then
  if find_server && ! is_of_the_cluster_of "$joined"; then
    fail "the k3s that is here already was not installed by this program, and is no node of the cluster that answers at $joined" \
      "take it away with what installed it (upstream: 'sudo /usr/local/bin/$service-uninstall.sh'), then run 'pulumi up' again"
  fi
  say "k3s $(running_version) is here already and was not installed by this program: left alone"
  exit 0
fi
install -d -m 0755 "$state"
touch "$owned"

# Prints member, empty or unknown for the server at this address.
etcd_presence_of() {
  local answer
  answer=$(timeout 5 bash -c "exec 3<>/dev/tcp/$1/$presence_port && head -n 1 <&3" 2>/dev/null) || answer=unknown
  printf '%s' "${answer:-unknown}"
}

decide_to_initialise() {
  local server presence
  # Said before the others are asked: of two that decide at the same time, neither goes on. It is no order to k3s yet, whose
  # unit may be there and try every few seconds (docs/operations.md, A server has lost its data).
  touch "$initialising"
  for server in "${other_servers[@]}"; do
    presence=$(etcd_presence_of "$server")
    [ "$presence" = empty ] || rm -f "$initialising"
    case $presence in
      empty) ;;
      initialising)
        fail "the server $server has begun to initialise the cluster" \
          "put $server first in hosts and run 'pulumi up' again; or give its attempt up there: sudo systemctl disable --now k3s; sudo rm -f $initialising $join_file"
        ;;
      member)
        fail "the server $server holds the cluster's data, but its API does not answer" \
          "start it ('sudo systemctl status k3s' there says why it does not run), then run 'pulumi up' again"
        ;;
      *)
        fail "the server $server cannot be asked whether it holds the cluster's data" \
          "power it on, let TCP port $presence_port pass between the servers, and run 'pulumi up' again; without its answer a second cluster could come into being beside the first"
        ;;
    esac
  done
  write_file "$join_file" 0600 "cluster-init: true" || true
  say "changed: no configured server has etcd data, initialising the cluster on $node_name"
}

has_joined_before() {
  if [ "$role" = server ]; then [ -d "$etcd_data" ] && [ ! -e "${etcd_data%/member}/tombstone" ]; else [ -e /var/lib/rancher/k3s/agent/kubelet.kubeconfig ] && [ -e "$join_file" ]; fi
}

action=start
if ! has_joined_before; then
  # A whole house that has just got its power back takes a while to answer.
  wait_seconds=0
  for server in "${other_servers[@]}"; do
    if [ "$role" = agent ] || [ "$(etcd_presence_of "$server")" = member ]; then wait_seconds=120; fi
  done
  if retry "$wait_seconds" find_server; then
    [ "$(token_status "$joined")" != 401 ] ||
      fail "$joined refuses the cluster token" \
        "this stack's token is not the one of the cluster that answers at $joined: check that it is the right stack and host"
    if offset=$(clock_offset_seconds "$joined") && clock_is_off "$offset"; then
      fail "the clock is $offset s off from that of $joined: by this host's it is $(date -u '+%F %H:%M') UTC" \
        "set up time synchronisation ('timedatectl' on the host shows its state), then run 'pulumi up' again"
    fi
    forget_old_self "$joined" || fail "the old node $node_name cannot be removed by way of $joined" "look at k3s's journal there, then run 'pulumi up' again"
    rm -f "$initialising"
    write_file "$join_file" 0600 "server: https://$joined:6443" || true
    say "changed: joining the cluster by way of $joined"
  elif [ "$role" = server ]; then
    decide_to_initialise
  else
    fail "no server answers at port 6443 of ${other_servers[*]}" "power on a server, then run 'pulumi up' again"
  fi
  apply_staged
  action=restart
elif ! [ -e "$applied" ] && ! since='' node_is_up; then
  apply_staged
  action=restart
fi

if ! since='' node_is_up; then
  if ! start_and_wait "$action"; then
    diagnose
    fail "$node_name is not Ready$([ "$role" = server ] && echo ' or not an etcd voter') after $join_timeout_seconds s" \
      "mend the cause and run 'pulumi up' again: it goes on from here"
  fi
fi
# From now on etcd's own data says which cluster this server belongs to.
if [ "$role" = server ]; then rm -f "$join_file" "$initialising"; fi
if [ "$action" = restart ]; then
  install -m 0644 "$staged/desired" "$applied"
elif [ ! -e "$applied" ]; then
  # An interrupted run left no word of what it started with: rollout restarts the node once, in its turn.
  echo unknown >"$applied"
fi
echo "$(running_version)"
