# check-api readyz|version [ADDRESS]: whether the API of this server, or of the one at an address, answers so; asked with a
# certificate that may do no more than that.
path=$1

# ask ADDRESS SECONDS: prints 1 if somebody is there, and exits as curl does, with 28 if there was no answer in time.
ask() {
  curl --silent --fail --max-time "$2" --output /dev/null --write-out '%{num_connects}' \
    --cacert /var/lib/rancher/k3s/server/tls/server-ca.crt \
    --cert /etc/keepalived/api-check.crt --key /etc/keepalived/api-check.key \
    "https://$1:6443/$path"
}

if [ $# -gt 1 ]; then
  ask "$2" "$long_seconds" >/dev/null
  exit
fi

# An API that is slow lives, and every connection to it would be cut if its address moved.
if [ "$path" = version ]; then
  ask 127.0.0.1 "$short_seconds" >/dev/null
  case $? in 0 | 28) exit 0 ;; *) exit 1 ;; esac
fi

# What an interrupted step has left counts for a while only.
if [ -n "$(find "$leaving" -mmin -20 2>/dev/null)" ]; then exit 1; fi
if ask 127.0.0.1 "$long_seconds" >/dev/null; then exit 0; fi
# What ails them all, as an election in etcd or a machine under load does, is no reason to move the address. A server that
# meets nobody gives it up: it is cut off, or alone.
alone=1
for server in $others; do
  if met=$(ask "$server" "$short_seconds"); then exit 1; fi
  if [ "$met" = 1 ]; then alone=0; fi
done
exit "$alone"
