# When the certificates on this host end, a line each: certificate_ends SECONDS FILE. As root; reads only.
command -v openssl >/dev/null || exit 0
for certificate in /var/lib/rancher/k3s/server/tls/*.crt /var/lib/rancher/k3s/agent/*.crt /etc/keepalived/*.crt; do
  [ -e "$certificate" ] || continue
  end=$(openssl x509 -in "$certificate" -noout -enddate 2>/dev/null | cut -d = -f 2)
  [ -n "$end" ] || continue
  printf 'certificate_ends %s %s\n' "$(date --date "$end" +%s)" "$certificate"
done
