# The login's authorized_keys: which of its lines are the stack's keys, now or once. A person's own lines are only copied.
take_lock
home=$(getent passwd "$user" | cut -d : -f 6) || home=
[ -n "$home" ] || fail "there is no user $user" "correct user in the stack file"
authorized=$(readlink --canonicalize-missing "$home/.ssh/authorized_keys")
# Keys that the stack had once and that its state may still dial with, a line each: TYPE BASE64.
retired=/var/lib/homelab/retired-ssh-keys
lines=()
retired_keys=()
if [ -e "$authorized" ]; then mapfile -t lines <"$authorized"; fi
if [ -e "$retired" ]; then mapfile -t retired_keys < <(grep . "$retired"); fi

# lets_in LINE KEY...: whether this line lets one of these keys (TYPE BASE64) in. Options may stand before the key.
lets_in() {
  local words key
  read -r -a words <<<"$1"
  shift
  [[ ${words[0]-} != \#* ]] || return 1
  for key in "$@"; do
    if [[ " ${words[*]-} " == *" $key "* ]]; then return 0; fi
  done
  return 1
}

# A line that a rotation added; nobody writes this comment by hand.
is_ours() { [[ $1 == *"ssh-ed25519 "*" $mark" ]]; }

# Sets $options to what stands before the current key in its line, such as from="192.168.1.0/24". A host whose sshd takes
# keys from elsewhere would keep the old one for ever.
find_current_key() {
  local line
  for line in "${lines[@]}"; do
    if lets_in "$line" "$current_key"; then
      options=
      if [[ $line == *"$current_key"* ]]; then options=${line%%"$current_key"*}; fi
      return 0
    fi
  done
  fail "the stack's SSH key is accepted here, but is not in $authorized" \
    "sshd has it from elsewhere ('sudo sshd -T | grep authorizedkeys'): put it into that file, or change it where it is kept"
}

# write_keys LINE...: replaces authorized_keys as a whole or not at all. Its owner stays.
write_keys() {
  local fresh=
  fresh=$(mktemp "$authorized.XXXXXX") && printf '%s\n' "$@" >"$fresh" && chmod 0600 "$fresh" &&
    chown --reference="$authorized" "$fresh" && mv -f "$fresh" "$authorized" || {
    rm -f "$fresh"
    fail "cannot write $authorized" "is the disk full ('df -h') or read-only ('findmnt')?"
  }
}
