# Looks at what the kernel can do rather than at lists of modules: a built-in one is in none of them.
module_works() {
  case $1 in
    overlay) grep -qw overlay /proc/filesystems ;;
    br_netfilter) [ -d /proc/sys/net/bridge ] ;;
    vxlan)
      # What a run that was cut off has left.
      ip link delete homelab-probe 2>/dev/null || true
      ip link add homelab-probe type vxlan id 1 dstport 4790 2>/dev/null && ip link delete homelab-probe
      ;;
    *) [ -d "/sys/module/$1" ] ;;
  esac
}

take_lock
write_file /etc/modules-load.d/homelab.conf 0644 "$(printf '%s\n' "${modules[@]}")" || true
for module in "${modules[@]}"; do
  module_works "$module" || modprobe --quiet "$module" || true
  module_works "$module" ||
    fail "the kernel lacks the module $module" \
      "install the kernel's extra modules (Ubuntu on a Pi: linux-modules-extra-raspi), reboot, and run 'pulumi up' again"
done
write_file /etc/sysctl.d/90-homelab.conf 0644 "$sysctls" || true
while IFS=' =' read -r key value; do
  # As in sysctl(8): with slashes the dots are part of a name, as of the interface eth0.20.
  case $key in
    */*) path=/proc/sys/$key ;;
    *) path=/proc/sys/${key//.//} ;;
  esac
  [ "$(cat "$path")" = "$value" ] || sysctl --quiet --write "$key=$value" ||
    fail "the kernel parameter $key cannot be set to $value" "look for another file in /etc/sysctl.d that sets it"
done <<<"$sysctls"
