#!/bin/bash
# Writes what Raspberry Pi Imager would write to a fresh card: default host name, ssh keys, command line.
# Runs in a mount namespace of its own. Environment: DISK, MOUNT_POINT, KEYS (the host's ssh keys), AUTHORIZED_KEY,
# NAME_SERVER.
set -eu

mkdir -p "$MOUNT_POINT"
mount -o loop "$DISK" "$MOUNT_POINT"
cd "$MOUNT_POINT"

echo raspberrypi >etc/hostname
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\traspberrypi\n' >etc/hosts
tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
rm -f etc/resolv.conf
echo "nameserver $NAME_SERVER" >etc/resolv.conf

install -m 600 "$KEYS"/ssh_host_*_key etc/ssh/
install -m 644 "$KEYS"/ssh_host_*_key.pub etc/ssh/
user=$(awk -F: '$1 == "pi" { print $3 ":" $4 }' etc/passwd)
install -d -m 700 -o "${user%:*}" -g "${user#*:}" home/pi/.ssh
install -m 600 -o "${user%:*}" -g "${user#*:}" "$AUTHORIZED_KEY" home/pi/.ssh/authorized_keys

# A fresh Raspberry Pi OS does not enable the memory controller: the program has to, and to reboot.
mkdir -p boot/firmware
echo 'console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait' \
  >boot/firmware/cmdline.txt

# networkd must not remove routes and addresses of flannel and keepalived; NetworkManager on a real board does not.
mkdir -p etc/systemd/networkd.conf.d etc/systemd/network
printf '[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n' \
  >etc/systemd/networkd.conf.d/10-foreign.conf
