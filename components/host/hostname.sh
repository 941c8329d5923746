take_lock
if [ "$(uname -n)" != "$host_name" ]; then
  hostnamectl set-hostname "$host_name"
  say "changed: host name is $host_name"
fi
# An image's own line for 127.0.1.1 would keep the old name. One marked block is ours, the rest is the user's.
others=$(sed -e '/^# homelab begin$/,/^# homelab end$/d' -e '/^127\.0\.1\.1[[:space:]]/d' /etc/hosts)
write_file /etc/hosts 0644 "$others
# homelab begin
$hosts_lines
# homelab end" || true
