/** Type of `homelab:hostSettings`: how every host is set up beside k3s. */
/** `homelab:hostSettings`. What is required of a host is at the top; what follows never holds up the cluster. */
export interface HostSettingsConfig {
  /** MiB of memory that a server must have at least; k3s asks for 2 GiB, of which a Pi's firmware keeps a part. @default 1700 */
  readonly minimumServerMemoryMiB: number;
  /** 99th percentile of a synchronous write on etcd's disk, in ms, from which on a server is refused. @default 100 */
  readonly fsyncLimitMilliseconds: number;
  /** Name servers of the hosts, for boot media; never one that the cluster itself serves. @default [] (the router) */
  readonly nameservers: readonly string[];
  /** Time zone as in the tz database, `Europe/Berlin`. @default none (left as it is) */
  readonly timezone?: string | undefined;
  /** MiB that the journal may take; 0 leaves it to systemd. @default 200 */
  readonly journalMaxMiB: number;
  /** Weekly trim of disks that can be trimmed. @default true */
  readonly trim: boolean;
  /** Seconds after which the hardware resets a host whose systemd hangs; 0: never. A Pi takes 15 at most. @default 15 */
  readonly watchdogSeconds: number;
  /** Debian's unattended upgrades, security only, without reboots of their own. @default true */
  readonly securityUpdates: boolean;
  /** Whether the kubelet refuses to start on other kernel parameters than it wants, which are set then. @default false */
  readonly protectKernelDefaults: boolean;
  /** Seconds that pods get to end when a host shuts down; a third of them is kept for critical ones. 0: off. @default 30 */
  readonly shutdownGraceSeconds: number;
  /** Per cent of the disk at which the kubelet begins and ends to delete unused images. @default 80 and 70 */
  readonly imageGc: { readonly highPercent: number; readonly lowPercent: number };
  /** No passwords and no forwarding of X11 in sshd. @default true */
  readonly sshHardening: boolean;
}
