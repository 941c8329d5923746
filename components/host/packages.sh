take_lock
missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -x installed >/dev/null || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  # DPkg::Lock::Timeout: a fresh Raspberry Pi OS runs its own updates first.
  apt=(timeout 900 apt-get --quiet --quiet --option DPkg::Lock::Timeout=300 --option APT::Update::Error-Mode=any)
  output=$("${apt[@]}" update 2>&1) ||
    fail "apt cannot read its package lists: $(tail -n 3 <<<"$output")" "check the host's network, DNS and /etc/apt"
  output=$("${apt[@]}" install --yes --no-install-recommends "${missing[@]}" 2>&1) ||
    fail "apt cannot install ${missing[*]}: $(tail -n 5 <<<"$output")" "run 'sudo apt-get install ${missing[*]}' on the host to see the cause"
  say "changed: installed ${missing[*]}"
fi
