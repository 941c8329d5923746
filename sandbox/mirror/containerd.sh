#!/bin/sh
# Runs the bundled containerd with the one setting that a simulated board needs. It shares the machine's kernel and may
# lack CAP_SYS_RESOURCE there: then runc can't lower a container's oom_score_adj below containerd's own, and fails.
set -eu

config=
previous=
for argument in "$@"; do
  case $previous in -c | --config) config=$argument ;; esac
  previous=$argument
done

here=$(dirname "$(readlink -f "$0")")
if [ -n "$config" ] && ! grep -q restrict_oom_score_adj "$config"; then
  # k3s writes the file anew at each start, just before this.
  sed -i 's/^\[plugins\."io\.containerd\.grpc\.v1\.cri"\]$/&\n  restrict_oom_score_adj = true/' "$config"
fi
exec "$here/containerd-debian" "$@"
