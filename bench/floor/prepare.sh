# The first of a host's two sessions in the floor: all that comes before k3s starts, up to the reboot that the memory
# control group needs. `steps` maps names to the texts that Pulumi runs, too; what differs is who calls them, and when.
exec 0</dev/null
step() { bash -s create <<<"${steps[$1]}" >&2 || { echo "floor: $1 has failed" >&2; exit 1; }; }

for name in ready facts disk-latency time hostname packages; do step "$name"; done
# These wait for nothing of what follows, and have a lock of their own.
(for name in "${upkeep[@]}"; do step "$name"; done) &
upkeep_process=$!
for name in trusted-cas kernel swap k3s-artifact k3s-files certificate-renewal etcd-presence; do step "$name"; done
bash -s create 3<<<"$token" <<<"${steps[k3s-token]}" >&2
wait "$upkeep_process"
if ! memory_cgroup_is_effective; then
  step memory-cgroup
  # The step leaves a second for its own session to end; here nothing is left to be said.
  systemctl reboot
fi
