# Why a Certificate is not issued yet, from the objects that cert-manager makes on the way:
# Certificate -> CertificateRequest -> Order -> Challenge. https://cert-manager.io/docs/troubleshooting/
# Expects: namespace, certificate, domain, issuer.

issuer_field() {
  admin get clusterissuers.cert-manager.io "$issuer" --request-timeout=10s --output "jsonpath=$1" 2>/dev/null | one_line || true
}
issuer_is_ready() { [ "$(issuer_field '{.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

one_line() { tr -s '[:space:]' ' ' | sed -e 's/^ //' -e 's/ $//'; }

# each KIND JSONPATH: one line for each object. What it prints may have line ends of its own; a bell ends an object.
each() {
  admin get "$1" --namespace "$namespace" --request-timeout=10s --output "jsonpath={range .items[*]}$2{\"\\a\"}{end}" 2>/dev/null |
    tr -s '[:space:]' ' ' | tr '\a' '\n' || true
}
# reasons_of OWNER: of each's lines OWNER|REASON, those with a reason, as one line.
reasons_of() { sed -n -e 's/ *$//' -e "s/^ *$1|\(..*\)/\1/p" | sort -u | one_line; }

# A challenge for a wildcard has the name without the star.
challenge_reason() { each challenges.acme.cert-manager.io '{.spec.dnsName}|{.status.reason}' | reasons_of "$domain"; }
certificate_name='{.metadata.annotations.cert-manager\.io/certificate-name}'
order_reason() { each orders.acme.cert-manager.io "$certificate_name|{.status.reason}" | reasons_of "$certificate"; }
request_reason() {
  each certificaterequests.cert-manager.io "$certificate_name|{.status.conditions[?(@.type==\"Ready\")].message}" | reasons_of "$certificate"
}

# Sets culprit and reason: the last object of the chain that says something knows best. While the ACME server is silent
# none of them does, but for an issuer that still has no account.
find_reason() {
  local server
  if ! issuer_is_ready; then
    culprit="ClusterIssuer $issuer" reason=$(issuer_field '{.status.conditions[?(@.type=="Ready")].message}')
    [ -z "$reason" ] || return 0
  fi
  culprit=Challenge reason=$(challenge_reason)
  [ -z "$reason" ] || return 0
  culprit=Order reason=$(order_reason)
  [ -z "$reason" ] || return 0
  server=$(issuer_field '{.spec.acme.server}')
  if [ -n "$server" ] && ! acme_answers "$server"; then
    culprit="ACME server" reason="$server does not answer"
    return 0
  fi
  culprit=CertificateRequest reason=$(request_reason)
  [ -z "$reason" ] || return 0
  culprit=Certificate reason="nothing is known of it; does cert-manager run?"
}

# Whether anything listens there; cert-manager has a CA bundle of its own for this server.
acme_answers() { curl --silent --insecure --output /dev/null --connect-timeout 5 --max-time 10 --url "$1"; }
