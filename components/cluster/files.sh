take_lock
write_file "$staged/config.yaml" 0600 "$config_yaml" || true
write_file "$staged/kubelet.yaml" 0600 "$kubelet_yaml" || true
write_file "$staged/registries.yaml" 0600 "$registries_yaml" || true
write_file "$staged/$service.service" 0644 "$unit" || true
write_file "$staged/servers" 0644 "$servers" || true
write_file "$staged/version" 0644 "$version" || true
write_file "$staged/desired" 0644 "$desired" || true
