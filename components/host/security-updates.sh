take_lock
# Named so that apt reads it after the package's own files.
drop_in=/etc/apt/apt.conf.d/90homelab-security-updates
# The package's file of this name has logind wait 30 s for those that delay a shutdown, and is read after the kubelet's: asked
# for more, the kubelet would not end pods in order at all (https://github.com/kubernetes/kubernetes/issues/102818).
logind_drop_in=/etc/systemd/logind.conf.d/unattended-upgrades-logind-maxdelay.conf
if [ "$enabled" = yes ]; then
  install_packages unattended-upgrades
elif [ ! -e "$drop_in" ]; then
  # Never switched on by us, so what the system came with stays.
  exit 0
fi
if [ "$enabled" = yes ] && write_file "$logind_drop_in" 0644 "$logind_conf"; then
  systemctl kill --signal=HUP systemd-logind.service || true
fi
write_file "$drop_in" 0644 "$apt_conf" || true
