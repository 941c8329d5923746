take_lock
if [ "$(uname -n)" != "$host_name" ]; then
  hostnamectl set-hostname "$host_name"
  say "changed: host name is $host_name"
fi
# An image's own line for 127.0.1.1 would keep the old name. One marked block is ours, the rest is the user's.
name_host_in() {
  local others
  others=$(sed -e '/^# homelab begin$/,/^# homelab end$/d' -e '/^127\.0\.1\.1[[:space:]]/d' "$1")
  write_file "$1" 0644 "$others
# homelab begin
$hosts_lines
# homelab end" || true
}
name_host_in /etc/hosts
# From this cloud-init makes /etc/hosts anew at each boot if its user data say manage_etc_hosts, as Raspberry Pi Imager's do.
template=/etc/cloud/templates/hosts.debian.tmpl
[ ! -e "$template" ] || name_host_in "$template"
