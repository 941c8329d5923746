# install_packages NAME...: installs those that are missing.
install_packages() {
  local missing=() package apt output deadline
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -x installed >/dev/null || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  # DPkg::Lock::Timeout: a fresh Raspberry Pi OS runs its own updates first.
  apt=(timeout 900 apt-get --quiet --quiet --option DPkg::Lock::Timeout=300 --option APT::Update::Error-Mode=any)
  # The lock of the package lists is not among those that apt waits for.
  deadline=$(($(uptime_seconds) + 300))
  until output=$("${apt[@]}" update 2>&1); do
    if grep 'Could not get lock' <<<"$output" >/dev/null && [ "$(uptime_seconds)" -lt "$deadline" ]; then
      sleep 5
      continue
    fi
    if grep -E 'not valid yet|is expired|not yet valid' <<<"$output" >/dev/null; then
      fail "apt refuses its package lists, since by this host's clock it is $(date -u '+%F %H:%M') UTC" "set the clock ('timedatectl' shows its state)"
    fi
    fail "apt cannot read its package lists: $(tail -n 3 <<<"$output")" "check the host's network, DNS and /etc/apt"
  done
  install_missing() { output=$("${apt[@]}" install --yes --no-install-recommends "${missing[@]}" 2>&1); }
  # An installation that lost its power half-way asks for this before it does anything else.
  mend_dpkg() { grep 'dpkg --configure -a' <<<"$output" >/dev/null && timeout 900 dpkg --configure -a >/dev/null 2>&1; }
  install_missing || { mend_dpkg && install_missing; } ||
    fail "apt cannot install ${missing[*]}: $(tail -n 5 <<<"$output")" "run 'sudo apt-get install ${missing[*]}' on the host to see the cause"
  say "changed: installed ${missing[*]}"
}
