#!/bin/bash
# One boot of a simulated host, inside a mount namespace of its own; environment as in supervise.sh.
# Exit code: 133 when the guest asks for a reboot, 0 when it powers off.
set -eu

root=$HOST_DIR/root
board=$root/usr/local/lib/simulated-board
IFS=: read -r -a directories <<<"$CGROUPS"

# The loop device frees itself when this namespace ends and is fully gone before the same disk is mounted again.
for attempt in $(seq 150); do
  [ -z "$(losetup --associated "$HOST_DIR/disk.img")" ] && break
  [ "$attempt" = 150 ] && echo "== no power: the disk is still in use after 15 s: losetup --list" && exit 1
  sleep 0.1
done
mkdir -p "$root"
mount -o loop,noatime "$HOST_DIR/disk.img" "$root"

# The last word on memory wins. The firmware's own words come first, as on real boards.
line="coherent_pool=1M 8250.nr_uarts=1 cgroup_disable=memory $(tr -d '\n' <"$root/boot/firmware/cmdline.txt")"
memory=disabled
for word in $line; do
  case $word in
    cgroup_enable=memory | cgroup_memory=1) memory=enabled ;;
    cgroup_disable=memory) memory=disabled ;;
  esac
done
echo "== power on: memory controller $memory"

mkdir -p "$board"
install -m 755 "$SCRIPTS/host/init.sh" "$board/init"
echo "$line" >"$board/cmdline"
rm -f "$board/cgroups"
if [ "$memory" = disabled ]; then
  awk '$1 == "memory" { printf "memory\t0\t%s\t0\n", $3; next } { print }' /proc/cgroups >"$board/cgroups"
fi
install -m 644 "$HOST_DIR/eth0.network" "$root/etc/systemd/network/10-eth0.network"

# On a machine with cgroup v2 only, controllers reach the guest by the parents' subtree_control, and memory is left out of
# the last of them. Tried in virtual machines (docs/sandbox.md).
offer_controllers() {
  local controller
  for controller in $(cat "$1/cgroup.controllers"); do
    if [ "$controller" = memory ] && [ "$2" = disabled ]; then
      echo -memory >"$1/cgroup.subtree_control" || true
    else
      echo "+$controller" >"$1/cgroup.subtree_control" || true
    fi
  done
}

for directory in "${directories[@]}"; do
  [ "$directory" = "${directory#/sys/fs/cgroup/homelab-}" ] && continue
  hosts=$(dirname "$directory")
  offer_controllers /sys/fs/cgroup enabled
  offer_controllers "$(dirname "$hosts")" enabled
  offer_controllers "$hosts" enabled
  offer_controllers "$directory" "$memory"
done

for directory in "${directories[@]}"; do echo $$ >"$directory/board/cgroup.procs"; done

# Clock and kernel modules are shared by all hosts: none may set the one or load the others.
# The filter of system calls would deny what k3s needs, and costs time; a board has none.
exec env -i PATH="$PATH" SYSTEMD_SECCOMP=0 \
  systemd-nspawn --quiet --keep-unit --register=no --console=pipe \
  --directory="$root" --machine="$MACHINE" --network-namespace-path="/run/netns/$NETNS" \
  --capability=all --drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE \
  --resolv-conf=off --timezone=off --link-journal=no \
  --bind=/dev/kmsg \
  /usr/local/lib/simulated-board/init
