# minor_of RELEASE: 25 of v1.25.4+k3s1.
minor_of() { cut -d . -f 2 <<<"$1"; }

# node_releases [FLAG...]: a line for each node of the cluster, NAME RELEASE.
node_releases() {
  admin "$@" get nodes --output 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\n"}{end}'
}
