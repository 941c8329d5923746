take_lock
case "$(uname -m)" in
  x86_64) file=k3s checksums=sha256sum-amd64.txt expected=$sha256_amd64 ;;
  aarch64) file=k3s-arm64 checksums=sha256sum-arm64.txt expected=$sha256_arm64 ;;
esac
release=$base_url/${version//+/%2B}
release_file=$state/k3s-$version
fetch() { curl --fail --silent --show-error --location --retry 3 --connect-timeout 15 "$@"; }

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
  mv -f "$release_file.part" "$release_file"
  printf '%s  %s\n' "$expected" "$release_file" >"$release_file.sha256"
  say "changed: downloaded k3s $version"
fi
install -d -m 0755 "$staged"
ln --symbolic --force --no-dereference "$release_file" "$artifact"
