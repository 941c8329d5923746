# minor_of RELEASE: 25 of v1.25.4+k3s1.
minor_of() { cut -d . -f 2 <<<"$1"; }

# comes_before A B: release A is older than B.
comes_before() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort --version-sort | head -n 1)" = "$1" ]; }

# node_releases [FLAG...]: a line for each node of the cluster, NAME RELEASE.
node_releases() {
  admin "$@" get nodes --output 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}'
}
