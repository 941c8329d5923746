take_lock
tls=/var/lib/rancher/k3s/server/tls
certificate=/etc/keepalived/api-check.crt
key=/etc/keepalived/api-check.key
# No group and no role: a certificate that only shows who asks, which is all that /readyz wants.
if ! openssl verify -CAfile "$tls/client-ca.crt" "$certificate" >/dev/null 2>&1; then
  umask 077
  openssl ecparam -name prime256v1 -genkey -noout -out "$key"
  openssl req -new -key "$key" -subj /CN=homelab-api-check |
    openssl x509 -req -CA "$tls/client-ca.crt" -CAkey "$tls/client-ca.key" -set_serial "0x$(openssl rand -hex 8)" \
      -days 3650 -out "$certificate" 2>/dev/null
  umask 022
  sync "$key" "$certificate"
  say "changed: $certificate"
fi
write_file /usr/local/lib/homelab/check-api 0755 "$check" || true
write_file /etc/keepalived/keepalived.conf 0644 "$keepalived_conf" || true
keepalived --config-test 2>/dev/null || fail "keepalived refuses its configuration: $(keepalived --config-test 2>&1 | head -n 3)" "report this as a bug"
systemctl enable --quiet keepalived
# Also when the file was right already: the run that wrote it may have ended before this line.
systemctl reload-or-restart keepalived
