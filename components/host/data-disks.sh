take_lock
for disk in "${data_disks[@]}"; do
  device=$(readlink --canonicalize-existing "$disk") ||
    fail "there is no disk $disk" "plug it in, or correct hosts[].dataDisks: 'ls -l /dev/disk/by-id' shows what there is"
  # One line for each mount point of the disk and its partitions; [SWAP] is one, too.
  holds=$(lsblk --noheadings --list --output MOUNTPOINTS "$device" | xargs)
  case " $holds " in
    *" / "* | *" /boot"* | *" [SWAP] "*)
      fail "$disk ($device) is the disk of the operating system: it holds $holds" "name a disk that is for data alone"
      ;;
  esac
  [ -z "$holds" ] ||
    fail "$disk ($device) is in use: it holds $holds" "unmount it and take it out of /etc/fstab, or name another disk"
  [ "$(lsblk --noheadings --nodeps --output TYPE "$device")" = disk ] ||
    fail "$disk ($device) is no whole disk" "name the whole disk of hosts[].dataDisks, without -part1"
done
