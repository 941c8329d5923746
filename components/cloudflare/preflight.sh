# Asks Cloudflare, as cert-manager and the updater of public records will later, whether the token sees the domain's zone and may work on its records.
# Nothing is changed there. https://developers.cloudflare.com/fundamentals/api/reference/permissions/
# The token reaches curl as a configuration file in a pipe, so that no process list shows it.
give_token="create one for the zone with the permissions Zone:Read and DNS:Edit, then: pulumi config set --secret $token_name"
token=$(cat <&3)
case $token in
  '' | *[!A-Za-z0-9_-]*)
    fail "$token_name is not an API token of Cloudflare's: it may only hold letters, digits, '-' and '_'" "$give_token"
    ;;
esac

# ask PATH: sets status (HTTP), body, and flat, which is body without white space. Tries again what may pass: network,
# server, rate limit.
deadline=$(($(uptime_seconds) + timeout_seconds))
ask() {
  local code
  while :; do
    code=0
    body=$(curl --silent --show-error --connect-timeout 5 --max-time 10 --write-out '\n%{http_code}' \
      --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") --url "$api/$1" 2>&1) || code=$?
    status=${body##*$'\n'}
    body=${body%$'\n'*}
    flat=$(tr -d '[:space:]' <<<"$body")
    case $code:$status in
      0:429 | 0:5*) ;;
      0:*) return 0 ;;
      60:*) distrusted ;;
    esac
    [ "$(uptime_seconds)" -lt "$deadline" ] || unanswered "$code"
    sleep "$pause_seconds"
  done
}

curl_words() { sed -n 's/^.*curl: (/curl: (/p' <<<"$body"; }

distrusted() {
  fail "the TLS certificate of $api is not trusted on this host: $(curl_words)" \
    "if a proxy in this network opens TLS connections, put its CA certificate into the config's trustedCAs" \
    "else compare the host's clock ('timedatectl') with the real time"
}

# unanswered CURL-EXIT-CODE
unanswered() {
  [ "$status" != 429 ] ||
    fail "Cloudflare's rate limit holds back $token_name (zone of $domain): too many requests in the last minutes" \
      "wait five minutes, then run 'pulumi up' again; if it comes back, see what else uses this account's tokens"
  [ "$1" != 0 ] ||
    fail "Cloudflare answers with HTTP status $status at $api" "see https://www.cloudflarestatus.com, then run 'pulumi up' again"
  [ "$1" != 6 ] || fail "this host cannot resolve the name in $api" "check the host's DNS: resolvectl status, /etc/resolv.conf"
  fail "this host does not reach $api: $(curl_words)" \
    "check the host's network and what filters it" \
    "if a proxy in this network opens TLS connections, put its CA certificate into the config's trustedCAs"
}

# Cloudflare's own words, without the token, should they ever hold it.
words() {
  local text=
  if [[ $body =~ \"message\":\"([^\"]*)\" ]]; then text=${BASH_REMATCH[1]}; fi
  printf '%s' "HTTP status $status${text:+, ${text//"$token"/…}}"
}

# A refusal has two causes that the answer does not tell apart: the token is no good, or only not for this.
refused() {
  local because
  because=$(words)
  ask user/tokens/verify
  case $flat in
    *'"status":"active"'*) return 0 ;;
    *'"status":"disabled"'* | *'"status":"expired"'*)
      fail "the token $token_name (for the zone of $domain) is disabled or expired at Cloudflare" "$give_token"
      ;;
  esac
  fail "Cloudflare does not accept the token $token_name (for the zone of $domain): $because" "$give_token"
}

# find_zone NAME: sets zone_id if the token sees a zone of this name. Objects within the zone's own have ids, too.
find_zone() {
  local answer
  zone_id=
  ask "zones?name=$1"
  case $status in
    200) ;;
    *) refused && return 0 ;;
  esac
  answer=$(sed -E ':again; s/"[A-Za-z_]+":\{[^{}]*\}//g; t again' <<<"$flat")
  if [[ $answer =~ \"id\":\"([0-9a-f]{32})\" ]]; then zone_id=${BASH_REMATCH[1]}; fi
}

# The zone is the domain or one of its parents.
zone=$domain
find_zone "$zone"
while [ -z "$zone_id" ]; do
  case ${zone#*.} in
    *.*) zone=${zone#*.} ;;
    *)
      fail "the token $token_name sees no zone $domain, nor one of a parent of it" \
        "is $zone in this account at Cloudflare? The token needs Zone:Read and DNS:Edit for it (Zone Resources: Include, Specific zone)" \
        "$give_token"
      ;;
  esac
  find_zone "$zone"
done

# A zone's answer may list what the token may do; reading without editing is the mistake that listing records would miss.
may_edit=yes
case $flat in
  *'"#dns_records:edit"'*) ;;
  *'"#dns_records:read"'*) may_edit= ;;
esac
ask "zones/$zone_id/dns_records?per_page=5"
case $may_edit:$status in
  yes:200) ;;
  yes:4*) refused && may_edit= ;;
esac
[ -n "$may_edit" ] ||
  fail "the token $token_name sees the zone $zone, but may not edit its DNS records" "give the token the permission DNS:Edit for $zone at Cloudflare"
say "$token_name may edit the DNS records of $zone"
