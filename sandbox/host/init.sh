#!/bin/sh
# First process of a simulated board: what firmware and kernel would have done before systemd starts.
# Written to the host's disk at every power-on; not part of what a real Raspberry Pi OS image holds.
board=/usr/local/lib/simulated-board

# A machine's cgroup trees and its network's settings are writable; those settings that all hosts would share are not.
# A bind remount per mount: a plain one says that the file system is busy.
awk '$5 ~ "^/sys/fs/cgroup/" { print $5 }' /proc/self/mountinfo | while read -r tree; do
  mount -o remount,bind,rw "$tree"
done
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then mount -o remount,bind,rw /sys/fs/cgroup; fi
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net

# The kernel is shared: show the host its own command line, and no memory controller when that line does not enable it.
mount --bind "$board/cmdline" /proc/cmdline
if [ -e "$board/cgroups" ]; then
  mount --bind "$board/cgroups" /proc/cgroups
  if [ -d /sys/fs/cgroup/memory ]; then
    umount /sys/fs/cgroup/memory
    mount -o remount,rw /sys/fs/cgroup
    rmdir /sys/fs/cgroup/memory
    mount -o remount,ro /sys/fs/cgroup
  fi
fi

# The kubelet and container runtimes want shared propagation from the root, which systemd sets on real machines.
mount --make-rshared /

exec /lib/systemd/systemd
