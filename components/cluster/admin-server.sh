# kubectl as the cluster's administrator, by this server's own API.
admin() { "$k3s" kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml "$@"; }
