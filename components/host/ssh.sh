# A wrong word in sshd's configuration locks everybody out. So the new one is checked, and taken back after a while unless
# a fresh connection has been made with it: that of the step ssh-kept.
drop_in=/etc/ssh/sshd_config.d/10-homelab.conf
kept=/var/lib/homelab/ssh/kept.conf
revert_unit=homelab-ssh-revert

reload_sshd() { systemctl try-reload-or-restart ssh.service; }
current() { cat "$drop_in" 2>/dev/null || true; }
# sshd takes the first value that it reads, and an image may not include this folder, or another file may come before.
sshd_takes_it() {
  local effective key value
  install -d -m 0755 /run/sshd
  sshd -t || return 1
  [ -n "$ssh_conf" ] || return 0
  effective=$(sshd -T) || return 1
  while read -r key value; do
    grep -ix "$key $value" <<<"$effective" >/dev/null || {
      say "sshd does not take up '$key $value'"
      return 1
    }
  done < <(grep -v '^#' <<<"$ssh_conf")
}
put_back() {
  if [ -e "$kept" ]; then install -m 0644 "$kept" "$drop_in"; else rm -f "$drop_in"; fi
}

# Whoever interrupts this from here on finds the timer armed.
change_sshd() {
  systemctl stop "$revert_unit.timer" 2>/dev/null || true
  systemd-run --quiet --collect --unit="$revert_unit" --on-active="${revert_seconds}s" --timer-property=AccuracySec=1s /bin/sh -c \
    "if [ -e $kept ]; then install -m 0644 $kept $drop_in; else rm -f $drop_in; fi; systemctl try-reload-or-restart ssh.service" ||
    fail "systemd-run cannot arm the timer that would take the change back" "look at 'systemctl status $revert_unit.timer' on the host"
  set_drop_in "$drop_in" "$ssh_conf" || true
  sshd_takes_it || {
    put_back
    systemctl stop "$revert_unit.timer"
    fail "sshd refuses $drop_in; what was there before is back" \
      "see that /etc/ssh/sshd_config includes /etc/ssh/sshd_config.d/*.conf at its top, and that no file there sorts before it"
  }
  reload_sshd
}

take_lock
