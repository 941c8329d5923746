take_lock
[ -e /dev/watchdog ] || watchdog_conf=
if set_drop_in /etc/systemd/system.conf.d/90-homelab.conf "$watchdog_conf"; then
  # systemd reads the file at its next start, and is told until then. A re-execution would read it, too, but calls of
  # systemctl that run at that moment fail. https://github.com/systemd/systemd/issues/25542
  busctl set-property org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
    RuntimeWatchdogUSec t "$((watchdog_seconds * 1000000))" || say "warning: the watchdog takes effect at the next boot"
fi
