# The host answers and its first boot is over: nothing else may fight cloud-init or apt for the disk.
if command -v cloud-init >/dev/null; then
  timeout 300 cloud-init status --wait >/dev/null ||
    say "cloud-init has not ended well; going on ('cloud-init status --long' on the host says more)"
fi
case "$(uname -m)" in
  x86_64 | aarch64) ;;
  *) fail "machine type $(uname -m) is not supported" "install the 64-bit image of the operating system" ;;
esac
[ "$(ps -p 1 -o comm=)" = systemd ] || fail "the init system is not systemd" "use Raspberry Pi OS, Debian or Ubuntu"
take_lock
echo "$(uname -m)"
