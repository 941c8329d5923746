# Ends what k3s left running (pods outlive it), then removes what it and these steps have written.
uninstall() {
  local mounted
  # The shims are the parents of all containers; their control group is the service's.
  systemctl kill --signal=SIGKILL "$service" 2>/dev/null || true
  pkill --signal KILL --full '^/var/lib/rancher/k3s/data/[^/]*/bin/containerd-shim' || true
  while read -r mounted; do umount --lazy "$mounted" || true; done < <(
    awk '$2 ~ "^/(run/k3s|var/lib/rancher/k3s|var/lib/kubelet|run/netns/cni-)" { print $2 }' /proc/mounts | sort --reverse
  )
  for link in cni0 flannel.1 flannel-v6.1; do ip link delete "$link" 2>/dev/null || true; done
  for tables in iptables ip6tables; do
    "$tables-save" 2>/dev/null | grep -v -e KUBE- -e CNI- -e FLANNEL | "$tables-restore" || true
  done
  for tool in kubectl crictl ctr; do
    if [ "$(readlink "/usr/local/bin/$tool")" = k3s ]; then rm -f "/usr/local/bin/$tool"; fi
  done
  rm -rf /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service /etc/rancher /var/lib/rancher \
    /var/lib/kubelet /var/lib/cni /etc/cni /run/k3s /run/flannel "$k3s" "$state"
  systemctl daemon-reload
}
