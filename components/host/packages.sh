take_lock
install_packages "${packages[@]}"
