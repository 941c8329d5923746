# Keeps exactly the config's CAs among those that this host's system trusts. A file is named after its content, so what is
# in effect can be seen from names alone, also after an interrupted run.
# curl and new processes trust a CA at once. k3s reads the system's CAs when it starts: on a host that runs already, images
# from a registry with a new CA can be pulled after its next restart.
take_lock
folder=/usr/local/share/ca-certificates
in_effect=/etc/ssl/certs

# is_wanted FILE-NAME
is_wanted() { case " ${names[*]} " in *" $1 "*) return 0 ;; esac; return 1; }

changed=
for index in "${!names[@]}"; do
  if write_file "$folder/${names[index]}" 0644 "${certificates[index]}"; then changed=yes; fi
  [ -e "$in_effect/${names[index]%.crt}.pem" ] || changed=yes
done
for path in "$folder"/homelab-trusted-*.crt "$in_effect"/homelab-trusted-*.pem; do
  # A pattern that matches nothing stands for itself; a link whose file is gone counts.
  [ -e "$path" ] || [ -L "$path" ] || continue
  name=${path##*/}
  is_wanted "${name%.*}.crt" && continue
  rm -f "$path"
  say "changed: removed $path"
  changed=yes
done
if [ -n "$changed" ]; then
  # --fresh: only so do links of removed certificates go.
  update-ca-certificates --fresh >/dev/null ||
    fail "the system's CA certificates cannot be updated" "run 'sudo update-ca-certificates --fresh' on the host to see the cause"
  say "changed: the system trusts ${#names[@]} CAs of the config's trustedCAs"
fi
