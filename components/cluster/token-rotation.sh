# Gives the cluster that runs another token, before any host is given it: a server that starts with a token that etcd's data
# is not encrypted with refuses to start. https://docs.k3s.io/cli/token#k3s-token-rotate
#
# A server lets in whom it knew when it started: until it is restarted it takes the token that it had, and not the new one.
# So an interrupted run asks for the same change once more, which k3s takes and which changes nothing.
take_lock
# The one that shall hold, then all earlier ones, newest first: a generation may have been left out or left half done.
mapfile -t tokens <&3
new=${tokens[0]}
ca=/var/lib/rancher/k3s/server/tls/server-ca.crt
# A host that is not in the cluster yet has nothing to check by, as when it joins.
if [ -e "$ca" ]; then trust=(--cacert "$ca"); else trust=(--insecure); fi

# ask SERVER TOKEN PATH [SETTING...]: prints the HTTP status, 000 without an answer. Secrets reach curl on standard input.
ask() {
  local to=$1 as=$2 path=$3
  shift 3
  printf '%s\n' "user = \"server:$as\"" "$@" |
    curl --config - --silent "${trust[@]}" --connect-timeout 3 --max-time 30 --output /dev/null --write-out '%{http_code}' \
      "https://$to:6443/v1-k3s/$path" || true
}

# change SERVER TOKEN NEW
change() {
  ask "$1" "$2" token 'request = "PUT"' 'header = "Content-Type: application/json"' "data = \"{\\\"newToken\\\":\\\"$3\\\"}\""
}

# Sets $server to one that takes a token of ours, and $token to that; $refusing to one that answers and takes none.
find_token() {
  refusing=
  for server in "${servers[@]}"; do
    for token in "${tokens[@]}"; do
      case $(ask "$server" "$token" server-bootstrap) in
        200) return 0 ;;
        000) continue 2 ;;
      esac
    done
    refusing=$server
  done
  return 1
}

# k3s that has just been started refuses everybody for a while.
patience=0
if [ -d "$etcd_data" ]; then patience=$wait_seconds; fi
if ! retry "$patience" find_token; then
  if [ -n "$refusing" ]; then
    fail "$refusing takes none of this stack's cluster tokens" \
      "this stack's state is not that of the cluster that answers at $refusing: check that it is the right stack and host"
  fi
  # No cluster yet; or one that had the token changed before and will start with it.
  if [ ! -d "$etcd_data" ] || [ "$(cat "$token_file" 2>/dev/null)" = "$new" ]; then exit 0; fi
  fail "the cluster's token cannot be changed: no server answers at port 6443 of ${servers[*]}" \
    "start k3s on a server ('sudo systemctl status k3s' says why it does not run), then run 'pulumi up' again"
fi
if [ "$token" = "$new" ]; then exit 0; fi

status=$(change "$server" "$token" "$new")
if [ "$status" != 200 ]; then
  # k3s changes its own files before etcd's data: asked for the token that it had, it takes back what is half done.
  change "$server" "$token" "$token" >/dev/null
  fail "k3s at $server answers with HTTP $status to the request for another token" \
    "if a release before 1.29 runs there, it has no such request: upgrade k3s first, in a 'pulumi up' of its own" \
    "otherwise look at k3s's journal on that server and run 'pulumi up' again; restart no server until it has succeeded"
fi
say "changed: the cluster has token $generation; each server takes it from its next restart on"
