# What every step has: words for the user, one lock per host, files written atomically.

# sshd and sudo hand the host's own language on: with a decimal comma awk reads 0.250 as 0, and words are translated.
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }

# fail WHAT REMEDY: ends the step; what was done so far stays valid and the next run goes on from it.
fail() {
  printf 'homelab: %s: %s: %s\n' "$(uname -n)" "$step" "$1" >&2
  shift
  for remedy in "$@"; do printf '  -> %s\n' "$remedy" >&2; done
  exit 1
}

# A script outlives the SSH session of an interrupted `pulumi up`. Its successor must wait for it, not work beside it.
take_lock() {
  exec 9<>"$lock"
  if ! flock --nonblock 9; then
    say "waiting for another homelab step on this host: $(cat "$lock")"
    flock --wait "$lock_wait_seconds" 9 ||
      fail "another step still holds this host after $lock_wait_seconds s: $(cat "$lock")" \
        "wait for it to end, or end that process on the host, then run 'pulumi up' again"
  fi
  printf 'step %s, process %s\n' "$step" "$$" >"$lock"
}

# write_file PATH MODE CONTENT: returns 0 if the file was changed, 1 if it was right already. Ends the step if it cannot
# be written: the old file stays as it was (callers test the result, so `set -e` is off in here).
write_file() {
  local path=$1 mode=$2 content=$3 fresh=
  [ -d "$(dirname "$path")" ] || install -d -m 0755 "$(dirname "$path")" ||
    fail "cannot make the folder of $path" "is the disk full ('df -h') or read-only ('findmnt')?"
  fresh=$(mktemp "$path.XXXXXX") && printf '%s\n' "$content" >"$fresh" && chmod "$mode" "$fresh" || {
    rm -f "$fresh"
    fail "cannot write $path" "is the disk full ('df -h') or read-only ('findmnt')?"
  }
  if cmp --silent "$fresh" "$path" && [ "$(stat -c '%a %u' "$path")" = "$(stat -c '%a %u' "$fresh")" ]; then
    rm -f "$fresh"
    return 1
  fi
  # On the disk before it has the name: power that is lost now must not leave an empty file.
  sync "$fresh" && mv -f "$fresh" "$path" || fail "cannot replace $path" "is the disk read-only ('findmnt')?"
  say "changed: $path"
}

# older A B: version A comes before version B.
older() { ! sort --version-sort --check=quiet <<<"$2"$'\n'"$1"; }

# Seconds since boot. A Pi's clock, and with it bash's SECONDS, may jump by years while a step waits.
uptime_seconds() { cut -d . -f 1 /proc/uptime; }

# retry SECONDS COMMAND...: once a second until it succeeds or the time is over.
retry() {
  local deadline=$(($(uptime_seconds) + $1))
  shift
  until "$@"; do
    [ "$(uptime_seconds)" -lt "$deadline" ] || return 1
    sleep 1
  done
}
