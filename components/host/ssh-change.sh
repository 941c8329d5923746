if [ "$(current)" != "$ssh_conf" ]; then change_sshd; fi
