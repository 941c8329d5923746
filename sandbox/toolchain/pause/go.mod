module homelab/sandbox/toolchain/pause

go 1.21
