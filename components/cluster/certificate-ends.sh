# certificate_ends FILE...: when certificates end, a line each: SECONDS FILE, in seconds since 1970. Reads only.
certificate_ends() {
  local certificate end
  for certificate in "$@"; do
    [ -e "$certificate" ] || continue
    end=$(openssl x509 -in "$certificate" -noout -enddate 2>/dev/null | cut -d = -f 2) || end=
    [ -n "$end" ] || continue
    printf '%s %s\n' "$(date --date "$end" +%s)" "$certificate"
  done
}

# All certificates that k3s keeps on this host, its authorities included; on an agent those of the last folder.
k3s_certificates=(
  /var/lib/rancher/k3s/server/tls/*.crt
  /var/lib/rancher/k3s/server/tls/etcd/*.crt
  /var/lib/rancher/k3s/agent/*.crt
)
