take_lock
# To take a k3s of another making over is a decision of its own: until then nothing is laid beside it. What is laid aside
# already shows one that was let in, and is being upgraded.
if ! installed_by_us && k3s_is_present && [ ! -e "$staged/desired" ]; then
  found=$(running_version) || found=
  if [ "$found" != "$version" ]; then
    fail "k3s ${found:-of an unknown version} is here, was not installed by this program and is left alone; the config asks for $version" \
      "take it away with what installed it (upstream: 'sudo /usr/local/bin/$service-uninstall.sh'), then run 'pulumi up' again" \
      ${found:+"or set cluster.k3sVersion to $found to take it over as it is, and change the version afterwards"}
  fi
fi
case "$(uname -m)" in
  x86_64) file=k3s checksums=sha256sum-amd64.txt expected=$sha256_amd64 ;;
  aarch64) file=k3s-arm64 checksums=sha256sum-arm64.txt expected=$sha256_arm64 ;;
esac
release=$base_url/${version//+/%2B}
release_file=$state/k3s-$version
# Less than 1000 bytes a second for a minute is no download: the step must end, since Pulumi does not end it.
fetch() { curl --fail --silent --show-error --location --retry 3 --connect-timeout 15 --speed-limit 1000 --speed-time 60 "$@"; }

if ! sha256sum --check --status "$release_file.sha256" 2>/dev/null; then
  install -d -m 0755 "$state"
  if [ -z "$expected" ]; then
    expected=$(fetch "$release/$checksums" | awk -v file="$file" '$2 == file { print $1 }') ||
      fail "cannot download $release/$checksums" "check artifacts.k3s.baseUrl, cluster.k3sVersion and the host's network"
    [ -n "$expected" ] || fail "$release/$checksums has no line for $file" "pin artifacts.k3s.sha256 in the config"
  fi
  fetch --output "$release_file.part" "$release/$file" ||
    fail "cannot download $release/$file" "check artifacts.k3s.baseUrl, cluster.k3sVersion and the host's network and disk"
  found=$(sha256sum "$release_file.part" | cut -d ' ' -f 1)
  if [ "$found" != "$expected" ]; then
    rm -f "$release_file.part"
    fail "$release/$file has sha256 $found, expected $expected" \
      "do not use this file; compare artifacts.k3s.sha256 with the release's published checksum"
  fi
  chmod 0755 "$release_file.part"
  # A new name may outlive a power loss that its content does not.
  sync "$release_file.part"
  mv -f "$release_file.part" "$release_file"
  printf '%s  %s\n' "$expected" "$release_file" >"$release_file.sha256"
  say "changed: downloaded k3s $version"
fi
install -d -m 0755 "$staged"
ln --symbolic --force --no-dereference "$release_file" "$artifact"
