# Waits until the API answers at its virtual address and k3s has made the objects that later layers change.
retry 120 answers "$api_address" ||
  fail "the API does not answer at its virtual address $api_address" \
    "run 'sudo systemctl status keepalived' on the servers; is the address free in this LAN, and network.virtualRouterId unique?"
coredns_exists() { admin get deployment --namespace kube-system coredns --output name >/dev/null 2>&1; }
retry 180 coredns_exists || fail "k3s has not deployed CoreDNS" "look at k3s's journal on the servers"
sed -e "s#server: https://127.0.0.1:6443#server: https://$api_address:6443#" -e "s/: default\$/: $cluster_name/" /etc/rancher/k3s/k3s.yaml
