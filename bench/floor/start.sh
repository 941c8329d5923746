# The second session: waits for its turn, starts k3s and looks often whether it is up. What it is told comes by standard
# input, behind this text: one line `join ADDRESS` or `initialise`, then for one host a line `finish`.
exec 4<&0 0</dev/null
step=floor
step() { bash -s create <<<"${steps[$1]}" >&2 || { echo "floor: $1 has failed" >&2; exit 1; }; }
# often SECONDS COMMAND...: five times a second until it succeeds or the time is over.
often() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || { echo "floor: not within its time: $*" >&2; exit 1; }
    sleep 0.2
  done
}
# What costs least is asked first: kubectl takes the processor for half a second.
is_up() { systemctl is-active --quiet "$service" && etcd_is_voter && node_is_ready; }
answers() { curl --silent --fail --insecure --max-time 3 --output /dev/null "https://$1:6443/cacerts"; }
coredns_exists() { "$k3s" kubectl get deployment --namespace kube-system coredns --output name >/dev/null 2>&1; }

step verified
echo prepared
read -r -u 4 order address
apply_staged
touch "$owned"
if [ "$order" = join ]; then
  write_file "$join_file" 0600 "server: https://$address:6443" || true
else
  write_file "$join_file" 0600 "cluster-init: true" || true
fi
since=$(date -u +%FT%TZ)
systemctl restart --no-block "$service"
often 600 is_up
rm -f "$join_file"
install -m 0644 "$staged/desired" "$applied"
echo up
step api-vip
step k3s-membership

if read -r -u 4 order && [ "$order" = finish ]; then
  often 120 answers "$api_address"
  often 180 coredns_exists
  "$k3s" kubectl scale deployment --namespace kube-system coredns --replicas=2 >&2
  "$k3s" kubectl rollout status deployment --namespace kube-system coredns --timeout=180s >&2
  sed "s#https://127.0.0.1:6443#https://$api_address:6443#" /etc/rancher/k3s/k3s.yaml | base64 --wrap=0
  echo
fi
