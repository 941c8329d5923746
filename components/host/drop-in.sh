# set_drop_in PATH TEXT: writes the file, or removes it for an empty text. Returns 0 if that changed something.
set_drop_in() {
  if [ -n "$2" ]; then
    write_file "$1" 0644 "$2"
  elif [ -e "$1" ]; then
    rm -f "$1"
    say "changed: removed $1"
  else
    return 1
  fi
}
