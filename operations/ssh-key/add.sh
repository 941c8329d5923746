# Lets the new key in beside the current one, and writes down that the current one goes once all is done. What an earlier
# rotation added that did not come to an end is a key that nobody has: it goes now.
find_current_key
known=("$current_key" "${retired_keys[@]}")
if [[ " ${retired_keys[*]-} " != *" $current_key "* ]]; then
  write_file "$retired" 0600 "$(printf '%s\n' "${retired_keys[@]}" "$current_key")" || true
fi
kept=()
for line in "${lines[@]}"; do
  if lets_in "$line" "$new_key" || { is_ours "$line" && ! lets_in "$line" "${known[@]}"; }; then continue; fi
  kept+=("$line")
done
write_keys "${kept[@]}" "$options$new_key $mark"
