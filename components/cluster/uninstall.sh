# Ends what k3s left running (pods outlive it), then removes what it and these steps have written.
uninstall() {
  local shims mounted folder
  systemctl disable --quiet --now homelab-certificate-renewal.timer 2>/dev/null || true
  # Below these folders, which may be disks of their own.
  local ours='^/(run/k3s/|var/lib/rancher/k3s/|var/lib/kubelet/|run/netns/cni-)'
  # The end of a container's first process, a child of its shim, ends the rest of it.
  shims=$(pgrep --full --delimiter , '^/var/lib/rancher/k3s/data/[^/]*/bin/containerd-shim') || shims=
  if [ -n "$shims" ]; then pkill --signal KILL --parent "$shims" || true; fi
  systemctl kill --signal=SIGKILL "$service" 2>/dev/null || true
  pkill --signal KILL --full '^/var/lib/rancher/k3s/data/[^/]*/bin/containerd-shim' || true
  while read -r mounted; do umount --lazy "$(printf '%b' "$mounted")" || true; done < <(
    awk -v ours="$ours" '$2 ~ ours { print $2 }' /proc/mounts | sort --reverse
  )
  mounted=$(awk -v ours="$ours" '$2 ~ ours { print $2 }' /proc/mounts)
  [ -z "$mounted" ] ||
    fail "volumes are still mounted: $(tr '\n' ' ' <<<"$mounted")" "unmount them by hand, then run 'pulumi up' again"
  for link in cni0 flannel.1 flannel-v6.1; do ip link delete "$link" 2>/dev/null || true; done
  for tables in iptables ip6tables; do
    "$tables-save" 2>/dev/null | grep -v -e KUBE- -e CNI- -e FLANNEL | "$tables-restore" || true
  done
  for tool in kubectl crictl ctr; do
    if [ "$(readlink "/usr/local/bin/$tool")" = k3s ]; then rm -f "/usr/local/bin/$tool"; fi
  done
  for folder in /var/lib/rancher/k3s /var/lib/kubelet; do
    [ ! -d "$folder" ] || find "$folder" -xdev -mindepth 1 -delete
  done
  # A disk of its own stays, and is empty.
  rmdir /var/lib/rancher/k3s /var/lib/rancher /var/lib/kubelet 2>/dev/null || true
  rm -f /etc/systemd/system/homelab-certificate-renewal.* /usr/local/lib/homelab/renew-certificates
  rm -rf --one-file-system /etc/rancher /var/lib/cni /etc/cni /run/k3s /run/flannel \
    /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service
  systemctl daemon-reload
  # By the first the next run knows that there is something to uninstall, and by the second which servers to ask: last.
  rm -rf "$k3s" "$state"
}
