#!/bin/bash
# Power supply of one simulated host: lives as long as the host has power.
#
# Environment: HOST_DIR (disk and run files), NETNS, ROUTER_NETNS, PORT, MAC (its cable), MACHINE (nspawn's name),
# CGROUPS (the host's own directory in each hierarchy, separated by colons), SCRIPTS (the sandbox's folder).
#
# When the guest reboots, network and cgroups are made anew, as a power cycle would: otherwise flannel's links and
# iptables rules would outlive a reboot. When the guest powers off, or dies, the host stays off.
set -u

IFS=: read -r -a directories <<<"$CGROUPS"

prepare_cgroups() {
  local directory parent
  for directory in "${directories[@]}"; do
    # Leftovers of the last boot are empty by now: its processes died with its pid namespace.
    if [ -d "$directory/board" ]; then find "$directory/board" -depth -type d -exec rmdir {} + ; fi
    mkdir -p "$directory/board" "$directory/supervisor"
    # A cpuset starts empty and takes no process before it has CPUs and memory nodes.
    if [ -e "$directory/cpuset.cpus" ] && [ -e "$directory/cpuset.mems" ] && [ ! -e "$directory/cgroup.type" ]; then
      parent=$(dirname "$(dirname "$(dirname "$directory")")")
      copy_cpuset "$parent" "$(dirname "$(dirname "$directory")")"
      copy_cpuset "$parent" "$(dirname "$directory")"
      copy_cpuset "$parent" "$directory"
      copy_cpuset "$parent" "$directory/board"
      copy_cpuset "$parent" "$directory/supervisor"
    fi
    echo $$ >"$directory/supervisor/cgroup.procs"
  done
}

copy_cpuset() {
  cat "$1/cpuset.cpus" >"$2/cpuset.cpus"
  cat "$1/cpuset.mems" >"$2/cpuset.mems"
}

while :; do
  prepare_cgroups
  bash "$SCRIPTS/lan/plug.sh" plug "$NETNS" "$ROUTER_NETNS" "$PORT" "$MAC"
  # The host's file system is mounted in a mount namespace that ends with it, so that a crash leaves no mount behind.
  unshare --mount --propagation slave bash "$SCRIPTS/host/boot.sh"
  code=$?
  [ "$code" = 133 ] || break
  echo "== the host reboots"
  bash "$SCRIPTS/lan/plug.sh" unplug "$NETNS" "$ROUTER_NETNS" "$PORT"
done

echo "== the host is off (systemd-nspawn ended with $code)"
bash "$SCRIPTS/lan/plug.sh" unplug "$NETNS" "$ROUTER_NETNS" "$PORT"
