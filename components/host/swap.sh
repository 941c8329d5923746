# A node that swaps answers too late for etcd, and the memory limits of pods mean nothing.
take_lock
swap_is_off() { [ "$(wc -l </proc/swaps)" -le 1 ]; }
is_enabled() { systemctl is-enabled --quiet "$1" 2>/dev/null; }

if in_container; then exit 0; fi
# Raspberry Pi OS up to bookworm makes a file anew at each boot; zram-tools a compressed disk.
for service in dphys-swapfile zramswap; do
  if is_enabled "$service.service"; then
    systemctl disable --now --quiet "$service.service"
    say "changed: $service is disabled"
  fi
done
# Raspberry Pi OS from trixie on.
if [ -e /etc/rpi/swap.conf ]; then
  write_file /etc/rpi/swap.conf.d/90-homelab.conf 0644 "$rpi_swap" || true
fi
# An empty file here switches systemd's zram generator off.
if [ -e /usr/lib/systemd/zram-generator.conf ] || [ -s /etc/systemd/zram-generator.conf ]; then
  write_file /etc/systemd/zram-generator.conf 0644 "# Swap is off: homelab" || true
fi
if awk '$1 !~ /^#/ && $3 == "swap" { found = 1 } END { exit !found }' /etc/fstab; then
  write_file /etc/fstab "$(stat -c %a /etc/fstab)" "$(awk '$1 !~ /^#/ && $3 == "swap" { $0 = "# homelab: " $0 } { print }' /etc/fstab)" || true
fi
if swap_is_off; then exit 0; fi
systemctl daemon-reload
# Units that generators have made, or a partition that systemd found by its type, would come back with the next boot.
for unit in $(systemctl list-units --type swap --state active --plain --no-legend | awk '{ print $1 }'); do
  if [ -f "/etc/systemd/system/$unit" ]; then
    # A unit file of the host's owner is where the mask would be.
    systemctl disable --quiet "$unit" ||
      fail "the swap unit $unit cannot be disabled" "'sudo systemctl disable $unit' on the host says why"
    say "changed: disabled $unit"
  else
    systemctl mask --quiet "$unit" ||
      fail "the swap unit $unit cannot be masked" "'sudo systemctl mask $unit' on the host says why"
    say "changed: masked $unit"
  fi
  systemctl stop "$unit" || true
done
swapoff --all || true
swap_is_off ||
  fail "swap is still on: $(awk 'NR > 1 { print $1 }' /proc/swaps | tr '\n' ' ')" "'sudo swapoff -a' on the host says why; find what switches it on"
say "changed: swap is off"
