take_lock
# Off undoes what on has done, and leaves a timer alone that the system came with.
marker=/var/lib/homelab/trim
if [ "$enabled" = yes ]; then
  if [ "$(systemctl is-enabled fstrim.timer 2>/dev/null)" = disabled ]; then
    systemctl enable --now --quiet fstrim.timer
    install -D -m 0644 /dev/null "$marker"
    say "changed: fstrim.timer is enabled"
  fi
elif [ -e "$marker" ]; then
  systemctl disable --now --quiet fstrim.timer
  rm -f "$marker"
  say "changed: fstrim.timer is disabled"
fi
