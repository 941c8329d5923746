#!/bin/bash
# Makes the disk that every simulated host starts from: Debian as bare as Raspberry Pi OS Lite, not yet imaged for one
# host (no host keys, host name, machine id, network). Runs in a mount namespace of its own.
# Environment: TARGET (an empty folder), SUITE, MIRROR, PACKAGES (with commas), SOURCES_LIST (its text), SIZE_MIB.
set -eu
umask 022

root=$TARGET/root
debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$root" "$MIRROR"

cp "$root/var/lib/dpkg/status" "$TARGET/dpkg-status"

chroot "$root" useradd --create-home --shell /bin/bash --groups sudo pi
chroot "$root" passwd --quiet --lock root
install -m 440 /dev/stdin "$root/etc/sudoers.d/010_pi-nopasswd" <<<'pi ALL=(ALL) NOPASSWD: ALL'

chroot "$root" systemctl --quiet enable systemd-networkd.service ssh.service
# A simulated board has no console to log in at, and its disk is never trimmed or checked from inside.
chroot "$root" systemctl --quiet mask getty@.service console-getty.service serial-getty@.service \
  fstrim.timer e2scrub_all.timer e2scrub_reap.service apt-daily.timer apt-daily-upgrade.timer systemd-remount-fs.service

printf '%s' "$SOURCES_LIST" >"$root/etc/apt/sources.list"
# The LAN's mirror keeps the indexes of one day, without translations.
cat >"$root/etc/apt/apt.conf.d/90simulated-host" <<'END'
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
END
echo LANG=C.UTF-8 >"$root/etc/default/locale"

# What must differ between hosts is made when a disk is imaged; what is only weight is left out.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id"
: >"$root/etc/machine-id"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/tmp/*
mkdir -p "$root/var/lib/apt/lists/partial"

truncate --size="${SIZE_MIB}M" "$TARGET/disk.img"
# Inodes and journal for the size that a host's disk is enlarged to.
mke2fs -q -t ext4 -m 0 -i 16384 -J size=32 -L rootfs -d "$root" "$TARGET/disk.img"
rm -rf --one-file-system "$root"
