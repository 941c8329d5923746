# Facts of one host for `doctor`, a line each: NAME VALUE. Reads only.
fact() { printf '%s %s\n' "$1" "$2"; }
fact clock_synchronised "$(timedatectl show --property NTPSynchronized --value 2>/dev/null || echo unknown)"
memory_cgroup_is_effective && fact memory_cgroup yes || fact memory_cgroup no
# Either of the two may be a disk of its own.
places=(/ /var/lib/rancher /var/lib/rancher/k3s)
df --output=target,pcent "${places[@]}" /boot/firmware 2>/dev/null | awk 'NR > 1 && !seen[$1]++ { print "disk", $1, $2 + 0 }'
df --output=target,ipcent "${places[@]}" 2>/dev/null | awk 'NR > 1 && !seen[$1]++ { print "inodes", $1, $2 + 0 }'
fact service "$(systemctl is-active "$service" || true)"
# The message that systemd writes when it starts a unit again that has ended by itself (sd-messages.h).
fact restarts "$(journalctl --quiet --unit "$service" --since -1h --output cat MESSAGE_ID=5eb03494b6584870a536b337290809b3 | wc -l)"
# What k3s was last started with, and what is laid aside for it.
if [ -e "$applied" ] && ! cmp --silent "$applied" "$staged/desired"; then fact settings other; else fact settings desired; fi
fact keepalived "$(systemctl is-active keepalived 2>/dev/null || true)"
fact failed_units "$(systemctl list-units --state failed --plain --no-legend | awk '{ print $1 }' | tr '\n' ' ')"
[ -e /run/reboot-required ] && fact reboot_required yes || fact reboot_required no
# Of a Pi's power supply the firmware knows best; bit 0: too low now, bit 16: has been since boot.
if command -v vcgencmd >/dev/null; then fact throttled "$(vcgencmd get_throttled | cut -d = -f 2)"; fi
fact resolvers "$(resolvers | tr '\n' ' ')"
# Last: it is compared with the time at which the answer comes.
fact clock "$(date +%s)"
