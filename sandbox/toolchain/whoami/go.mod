module homelab/sandbox/toolchain/whoami

go 1.21
