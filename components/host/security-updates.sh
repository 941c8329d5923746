take_lock
# Named so that apt reads it after the package's own files.
drop_in=/etc/apt/apt.conf.d/90homelab-security-updates
if [ "$enabled" = yes ]; then
  install_packages unattended-upgrades
elif [ ! -e "$drop_in" ]; then
  # Never switched on by us, so what the system came with stays.
  exit 0
fi
write_file "$drop_in" 0644 "$apt_conf" || true
