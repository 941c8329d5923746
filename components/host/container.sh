# A container shares clock, swap and kernel with the machine around it, whose business they are.
in_container() { systemd-detect-virt --quiet --container; }
