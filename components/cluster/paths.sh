# Where things lie on a node. What k3s reads is staged first, so that only install and rollout change what it runs with.
state=/var/lib/homelab/k3s
staged=$state/staged
owned=$state/owned
applied=$state/applied
former=$state/former
artifact=$staged/k3s
k3s=/usr/local/bin/k3s
join_file=/etc/rancher/k3s/config.yaml.d/10-join.yaml
token_file=/etc/rancher/k3s/token
cluster_ca=/var/lib/rancher/k3s/agent/server-ca.crt
etcd_data=/var/lib/rancher/k3s/server/db/etcd/member
