# The host answers and its first boot is over: nothing else may fight cloud-init or apt for the disk.
if command -v cloud-init >/dev/null; then
  timeout 300 cloud-init status --wait >/dev/null ||
    say "cloud-init has not ended well; going on ('cloud-init status --long' on the host says more)"
fi
# dpkg's lock is one of fcntl(2), which flock(1) does not see; the kernel lists its holders by inode.
dpkg_lock_holder() {
  local inode
  inode=$(stat -c %i /var/lib/dpkg/lock-frontend 2>/dev/null) || return 1
  awk -v file=":$inode" '$2 == "POSIX" && substr($6, length($6) - length(file) + 1) == file { print $5; found = 1; exit } END { exit !found }' /proc/locks
}
dpkg_is_free() { ! dpkg_lock_holder >/dev/null; }
if ! dpkg_is_free; then
  say "waiting for another installation on this host: $(ps -o args= -p "$(dpkg_lock_holder)" || echo unknown)"
  retry "$dpkg_wait_seconds" dpkg_is_free ||
    fail "another installation still holds dpkg's lock after $dpkg_wait_seconds s: process $(dpkg_lock_holder)" \
      "let it end (or end it on the host, then 'sudo dpkg --configure -a'), and run 'pulumi up' again"
fi
case "$(uname -m)" in
  x86_64 | aarch64) ;;
  *) fail "machine type $(uname -m) is not supported" "install the 64-bit image of the operating system" ;;
esac
[ "$(ps -p 1 -o comm=)" = systemd ] || fail "the init system is not systemd" "use Raspberry Pi OS, Debian or Ubuntu"
# The API's address and flannel go by the interface's name: with a wrong one they would fail much later and less clearly.
for address in "${addresses[@]}"; do
  ip -oneline address show dev "$interface" 2>/dev/null | grep -F " $address/" >/dev/null ||
    fail "the interface $interface does not carry $address; this host has $(ip -brief address show scope global | tr -s ' \n' ' ')" \
      "correct the host's address or interface in the config (defaults.interface holds for all hosts)"
done
take_lock
