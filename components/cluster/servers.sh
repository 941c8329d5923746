# The addresses of the cluster's other servers; on an agent of all of them.
other_servers=()
if [ -e "$staged/servers" ]; then mapfile -t other_servers < <(grep . "$staged/servers"); fi

# The server at this address takes part in a cluster and answers.
answers() { curl --silent --fail --insecure --max-time 3 --output /dev/null "https://$1:6443/cacerts"; }
