# Whether k3s is here, and whether this program has brought it.
installed_by_us() { [ -e "$owned" ]; }
k3s_is_present() { [ -e "$k3s" ] || [ -e "/etc/systemd/system/$service.service" ] || command -v k3s >/dev/null; }
running_version() { "$k3s" --version 2>/dev/null | awk 'NR == 1 { print $3 }'; }
