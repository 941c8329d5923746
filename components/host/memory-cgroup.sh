take_lock
if ! memory_cgroup_is_effective; then
  cmdline=
  # Ubuntu keeps two sets of boot files since 25.10. Where the file has moved away, Raspberry Pi OS leaves a note in its name.
  for candidate in /boot/firmware/current/cmdline.txt /boot/firmware/cmdline.txt /boot/cmdline.txt; do
    if [[ $(head -n 1 "$candidate" 2>/dev/null) == *root=* ]]; then
      cmdline=$candidate
      break
    fi
  done
  [ -n "$cmdline" ] ||
    fail "the kernel's memory control group is off, and this host has no cmdline.txt" \
      "add 'cgroup_enable=memory' to the kernel's command line in the boot loader, reboot, and run 'pulumi up' again"
  options=(cgroup_enable=memory cgroup_memory=1)
  line=$(head -n 1 "$cmdline")
  running=$(cat /proc/cmdline)
  booted_with=yes
  for option in "${options[@]}"; do
    case " $line " in *" $option "*) ;; *) line="$line $option" ;; esac
    case " $running " in *" $option "*) ;; *) booted_with= ;; esac
  done
  write_file "$cmdline" "$(stat -c %a "$cmdline")" "$line" || true
  [ -z "$booted_with" ] ||
    fail "the memory control group is off although the kernel was booted with ${options[*]}" \
      "take a later cgroup_disable=memory out of $cmdline and reboot the host, or update its firmware"
  say "rebooting: the memory control group takes effect at boot"
  # The next step dials until the host is back. It must not reach the system that is about to go down.
  systemd-run --quiet --on-active=3s --timer-property=AccuracySec=100ms \
    /bin/sh -c 'systemctl reboot || systemctl start ssh'
  systemctl stop ssh.socket 2>/dev/null || true
  systemctl stop ssh.service
fi
