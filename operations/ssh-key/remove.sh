# Nothing dials with an earlier key any more: only the current one stays. Prints how many were taken away.
find_current_key
kept=()
for line in "${lines[@]}"; do
  if lets_in "$line" "$current_key" || ! { is_ours "$line" || lets_in "$line" "${retired_keys[@]}"; }; then
    kept+=("$line")
  fi
done
removed=$((${#lines[@]} - ${#kept[@]}))
if [ "$removed" -gt 0 ]; then write_keys "${kept[@]}"; fi
rm -f "$retired"
echo "$removed"
