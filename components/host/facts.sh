take_lock
release() { sed -n "s/^$1=//p" /etc/os-release | tr -d '"'; }

id=$(release ID)
version=$(release VERSION_ID)
case $id in
  debian) oldest=12 ;; # Raspberry Pi OS of 64 bits calls itself Debian
  ubuntu) oldest=22.04 ;;
  *) fail "the operating system is $(release PRETTY_NAME)" "install 64-bit Raspberry Pi OS, Debian 12 or Ubuntu 22.04, or a later one" ;;
esac
# Debian's next release has no number yet.
[ -z "$version" ] || ! older "$version" "$oldest" ||
  fail "the operating system is $(release PRETTY_NAME)" "upgrade it, or image the host anew: $id is supported from $oldest on"
kernel=$(uname -r)
! older "${kernel%%-*}" "$oldest_kernel" ||
  fail "the kernel is $kernel; $oldest_kernel or later is needed" "upgrade the operating system and reboot"

memory_mib=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
[ "$memory_mib" -ge "$minimum_memory_mib" ] ||
  fail "this host has $memory_mib MiB of memory, and its role $role needs $minimum_memory_mib" \
    "take a host with more memory; or make a server an agent (hostSettings.minimumServerMemoryMiB sets the limit)"

# k3s's part of the disk; it need not be there yet.
place=/var/lib/rancher/k3s
while [ ! -e "$place" ]; do place=$(dirname "$place"); done
free_mib=$(($(stat -f -c '%a * %S' "$place") / 1048576))
if [ "$free_mib" -lt "$minimum_free_mib" ]; then
  message="$free_mib MiB are free on the disk of $place; a new node needs $minimum_free_mib"
  # A node that runs has its images already, and is not mended by being stopped half-way.
  [ -e /var/lib/rancher/k3s/agent ] || fail "$message" "free space ('sudo du -xh / | sort -h | tail'), or take a larger disk"
  say "warning: $message"
fi

for controller in cpu cpuset pids; do
  if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
    grep -w "$controller" /sys/fs/cgroup/cgroup.controllers >/dev/null
  else
    awk -v name="$controller" '$1 == name && $4 == 1 { found = 1 } END { exit !found }' /proc/cgroups
  fi || fail "the kernel's control group $controller is off" "look for cgroup_disable=$controller in the boot command line, or use the distribution's own kernel"
done

# A host that asks the cluster's own name server cannot pull the image of that name server after a power loss.
for server in $(resolvers); do
  for served in "${cluster_addresses[@]}"; do
    [ "$server" != "$served" ] ||
      fail "this host resolves names by $server, which the cluster itself serves" \
        "give the host the router or a public resolver as its name server, and the other clients alone the cluster's"
  done
done
