# The rotation failed: the host is as it was before.
kept=()
for line in "${lines[@]}"; do
  if ! lets_in "$line" "$new_key"; then kept+=("$line"); fi
done
if [ "${#kept[@]}" -lt "${#lines[@]}" ]; then write_keys "${kept[@]}"; fi
others=$(printf '%s\n' "${retired_keys[@]}" | grep --fixed-strings --line-regexp --invert-match -e "$current_key" -e '') || others=
if [ -z "$others" ]; then rm -f "$retired"; else write_file "$retired" 0600 "$others" || true; fi
