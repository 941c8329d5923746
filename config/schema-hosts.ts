/** Schema of `homelab:hostSettings`: how every host is set up beside k3s. */
import { anyAddress, flag, list, section, text, whole } from "./schema-fields";

/** Meanings as in config/host-settings.ts. */
export const hostSettingsSchema = section({
  minimumServerMemoryMiB: whole("minimum-memory", 512, 65536)
    .default(1700)
    .describe("MiB of memory that a server must have."),
  fsyncLimitMilliseconds: whole("fsync-limit", 1, 10000)
    .default(100)
    .describe("99th percentile of a synchronous write to etcd's disk above which a server is refused."),
  nameservers: list("host-nameservers", anyAddress())
    .default([])
    .describe("Name servers of the hosts, for boot media. Default: the gateway."),
  timezone: text("timezone", /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/)
    .optional()
    .describe("Time zone, such as Europe/Berlin."),
  journalMaxMiB: whole("journal-size", 0, 65536).default(200).describe("MiB of the journal; 0 leaves it to systemd."),
  trim: flag().default(true).describe("Weekly trim of disks."),
  watchdogSeconds: whole("watchdog", 0, 600)
    .default(15)
    .describe("Seconds until the hardware resets a host that hangs; 0: never. A Pi takes 15 at most."),
  securityUpdates: flag().default(true).describe("Unattended security upgrades, without reboots of their own."),
  protectKernelDefaults: flag()
    .default(false)
    .describe("The kubelet refuses to start on other kernel parameters than it wants."),
  shutdownGraceSeconds: whole("shutdown-grace", 0, 600)
    .default(30)
    .describe("Seconds that pods get to end when a host shuts down; 0: off."),
  imageGc: section({
    highPercent: whole("percent", 1, 100).default(80).describe("Use of the disk at which unused images are deleted."),
    lowPercent: whole("percent", 1, 100).default(70).describe("Use of the disk at which that ends."),
  }).prefault({}),
  sshHardening: flag().default(true).describe("No passwords and no forwarding of X11 in sshd."),
});
