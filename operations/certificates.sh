# When the certificates on this host end, a line each: certificate_ends SECONDS FILE. As root; reads only.
command -v openssl >/dev/null || exit 0
certificate_ends "${k3s_certificates[@]}" /etc/keepalived/*.crt | sed 's/^/certificate_ends /'
