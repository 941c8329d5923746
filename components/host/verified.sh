memory_cgroup_is_effective ||
  fail "the kernel's memory control group is still off after the reboot" \
    "look at /proc/cmdline on the host: a later cgroup_disable=memory wins; k3s does not start without it"
