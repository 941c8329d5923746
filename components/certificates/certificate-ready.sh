# Waits until cert-manager has issued the Certificate as it is specified now. A new run asks for issuance again, since
# cert-manager itself would wait an hour, and more each time, after a failed one.
# https://cert-manager.io/docs/faq/#what-happens-if-issuance-fails-will-it-be-retried

state_of() {
  admin get certificates.cert-manager.io "$certificate" --namespace "$namespace" --request-timeout=10s --output "jsonpath=$1" 2>/dev/null
}
has_failed() { [ -n "$(state_of '{.status.lastFailureTime}' || true)" ]; }
# Ready, and so for the specification as it is now.
is_ready() {
  local generation observed status
  IFS='|' read -r generation observed status < <(
    state_of '{.metadata.generation}|{.status.conditions[?(@.type=="Ready")].observedGeneration}|{.status.conditions[?(@.type=="Ready")].status}'
  ) || true
  [ "$status" = True ] && [ "$observed" = "$generation" ]
}

# The time of the last failure is what the back-off counts from: without it, cert-manager looks at once whether to issue.
forget_failure() {
  admin patch certificates.cert-manager.io "$certificate" --namespace "$namespace" --subresource=status --type=merge \
    --request-timeout=10s --patch '{"status":{"lastFailureTime":null,"failedIssuanceAttempts":null}}' >/dev/null
}

# stuck KIND JSONPATH CONDITION: kind and name of the objects that an error holds up; the condition is awk's, on NAME|JSONPATH.
stuck() { each "$1" "{.metadata.name}|$2" | sed 's/^ *//' | awk -F '|' -v kind="$1" "$3"' { print kind, $1 }'; }

# Every change of an object makes cert-manager look at it at once, whatever delay earlier errors have earned it. What is
# on its way is left alone: a change under cert-manager's hands costs a challenge the minute that it has already waited.
nudge() {
  local mark kind name
  issuer_is_ready ||
    admin patch clusterissuers.cert-manager.io "$issuer" --subresource=status --type=merge --request-timeout=10s \
      --patch '{"status":{"conditions":[]}}' >/dev/null 2>&1 || true
  mark="homelab.nudge=$SECONDS-$$"
  {
    stuck orders.acme.cert-manager.io '{.status.state}|{.status.reason}' '$2 == "" || $3 != ""'
    stuck challenges.acme.cert-manager.io '{.status.reason}' '$2 != "" && $2 !~ /^Waiting/'
  } | while read -r kind name; do
    admin annotate "$kind" "$name" --overwrite --namespace "$namespace" --request-timeout=10s "$mark" >/dev/null 2>&1 || true
  done
}

# What no waiting mends: Cloudflare refuses the token. cert-manager itself tries again and again.
is_refused() {
  case $(challenge_reason) in
    *'Error: 6003:'* | *'Error: 9109:'* | *'Error: 10000:'*) return 0 ;;
  esac
  return 1
}

# give_up WHAT: with the reason that cert-manager knows, and what helps against it.
give_up() {
  find_reason
  case $culprit:$reason in
    *Cloudflare*)
      fail "$1; $culprit: $reason" \
        "see that the token may edit the zone of $domain, then set it: pulumi config set --secret $token_name" \
        "run 'pulumi up' again: it asks for issuance at once"
      ;;
    *rateLimited*)
      fail "$1; $culprit: $reason" \
        "the ACME server allows no more for now: wait as long as it says, with certificates.issuer: staging until then"
      ;;
    'ACME server:'* | 'ClusterIssuer '*)
      fail "$1; $culprit: $reason" \
        "see that the cluster reaches the ACME server, and that its TLS certificate is trusted (certificates.acme, trustedCAs)" \
        "run 'pulumi up' again: it asks for issuance at once"
      ;;
  esac
  fail "$1; $culprit: $reason" \
    "look closer: kubectl --namespace $namespace describe certificaterequests,orders,challenges" \
    "run 'pulumi up' again: it asks for issuance at once"
}

started=$(uptime_seconds)
if ! is_ready; then
  if has_failed; then
    retry 30 forget_failure || fail "the API does not let the certificate $certificate be asked for again" "run 'npm run homelab -- doctor'"
    say "asking for the certificate $certificate again after a failed issuance"
  fi
  nudge
fi
next_nudge=$((started + 60))
until is_ready; do
  if has_failed; then give_up "the certificate $certificate for $domain was not issued"; fi
  now=$(uptime_seconds)
  # A reason of an earlier run stays until its challenge has been looked at anew.
  if [ $((now - started)) -ge "$stale_seconds" ] && is_refused; then
    give_up "the certificate $certificate for $domain is not issued: Cloudflare refuses the token"
  fi
  [ $((now - started)) -lt "$timeout_seconds" ] ||
    give_up "the certificate $certificate for $domain was not issued within $timeout_seconds s"
  if [ "$now" -ge "$next_nudge" ]; then
    nudge
    next_nudge=$((now + 60))
  fi
  sleep "$pause_seconds"
done
say "certificate $certificate for $domain: Ready"
