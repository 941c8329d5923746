take_lock
[ -e "/usr/share/zoneinfo/$timezone" ] ||
  fail "the time zone $timezone is unknown here" "'timedatectl list-timezones' lists the known ones; on a bare system install tzdata"
if [ "$(readlink --canonicalize /etc/localtime)" != "$(readlink --canonicalize "/usr/share/zoneinfo/$timezone")" ]; then
  ln --symbolic --force --no-dereference "/usr/share/zoneinfo/$timezone" /etc/localtime
  write_file /etc/timezone 0644 "$timezone" || true
  say "changed: time zone is $timezone"
fi
