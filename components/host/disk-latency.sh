# etcd writes each change to its log and waits for the disk; a disk that takes long costs it its leader.
take_lock
record=/var/lib/homelab/disk-latency
etcd=/var/lib/rancher/k3s/server/db
place=$etcd
while [ ! -e "$place" ]; do place=$(dirname "$place"); done
# Measuring beside a running etcd would disturb it, and be disturbed.
if [ -d "$etcd/etcd/member" ]; then exit 0; fi

# Milliseconds that each write of etcd's usual size takes until it is on the disk, into room that is there already.
write_times() {
  local probe=$1 number
  for ((number = 0; number < samples; number++)); do
    if [ "$number" -ge 20 ] && [ "$(uptime_seconds)" -ge "$give_up" ]; then break; fi
    # A write that fails has its line, too.
    dd if=/dev/zero of="$probe" bs=2300 count=1 seek="$number" conv=notrunc oflag=dsync 2>&1 |
      awk -F ', ' '/copied/ { printf "%.3f\n", $(NF - 1) * 1000 }' || return 1
  done
}
percentile_99() { sort -g | awk '{ value[NR] = $1 } END { rank = int(NR * 0.99); if (rank < NR * 0.99) rank++; print value[rank] }'; }
exceeds() { awk -v one="$1" -v other="$2" 'BEGIN { exit !(one > other) }'; }

# One disk is measured once: what is in the record names it.
disk=$(stat -f -c %i "$place")
latency=
if [ -e "$record" ]; then latency=$(awk -v disk="$disk" '$1 == disk { print $2 }' "$record"); fi
if [ -z "$latency" ]; then
  give_up=$(($(uptime_seconds) + longest_seconds))
  probe=$(mktemp "$place/homelab-disk-latency.XXXXXX") || fail "cannot write to $place" "is the disk full ('df -h') or read-only ('findmnt')?"
  trap 'rm -f "$probe"' EXIT
  dd if=/dev/zero of="$probe" bs=1M count=1 conv=fsync 2>/dev/null || fail "cannot write to $place" "is the disk full ('df -h')?"
  latency=$(write_times "$probe" | percentile_99) && [ -n "$latency" ] ||
    fail "writes to the disk of $place fail" "is it full ('df -h') or failing ('sudo dmesg | tail')?"
  say "a write to the disk of $place takes $latency ms (99th percentile)"
fi
if exceeds "$latency" "$limit_milliseconds"; then
  fail "a write to the disk of $place takes $latency ms (99th percentile); etcd needs 10, and $limit_milliseconds are allowed" \
    "use an SSD on a USB 3 port or NVMe instead of an SD card, look for a failing disk, or make this host an agent" \
    "hostSettings.fsyncLimitMilliseconds accepts a slow disk; the cluster then loses its leader under load"
fi
if exceeds "$latency" 10; then
  say "warning: etcd needs 10 ms; under load this server may cost the cluster its leader"
fi
write_file "$record" 0644 "$disk $latency" || true
