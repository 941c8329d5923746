#!/bin/bash
# Plugs a member into the sandbox's LAN, or pulls its cable.
#
#   plug.sh plug   NETNS ROUTER_NETNS PORT MAC   namespace with an eth0 whose other end is PORT of the bridge "lan"
#   plug.sh cut    NETNS ROUTER_NETNS PORT       link down, nothing else: whatever the member still sends is lost
#   plug.sh unplug NETNS ROUTER_NETNS PORT       cut, then the namespace with all in it is removed
#
# The pair is made from namespace to namespace, so that nothing of it is ever in the machine's own network.
set -eu

verb=$1 netns=$2 router=$3 port=$4 mac=${5:-}

cut_link() {
  ip -n "$router" link set "$port" down 2>/dev/null || true
}

unplug() {
  cut_link
  ip -n "$router" link delete "$port" 2>/dev/null || true
  if [ -e "/run/netns/$netns" ]; then ip netns delete "$netns"; fi
}

case $verb in
  plug)
    unplug
    ip netns add "$netns"
    ip -n "$netns" link set lo up
    ip -n "$router" link add "$port" type veth peer name eth0 address "$mac" netns "$netns"
    ip -n "$router" link set "$port" master lan up
    ;;
  cut) cut_link ;;
  unplug) unplug ;;
  *)
    echo "plug.sh: unknown verb $verb" >&2
    exit 2
    ;;
esac
