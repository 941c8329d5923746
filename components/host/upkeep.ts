import type { HostSettingsConfig } from "../../config/host-settings";
import type { HostConfig } from "../../config/types";
import { renderScript, shellFile, type Parameter } from "../script/script";

const file = (name: string): string => shellFile(__dirname, name);

/** How long a change of sshd's settings waits for a fresh connection before it is taken back, in seconds. */
const REVERT_SECONDS = 300;

const upkeepStep = (step: string, files: readonly string[], parameters: Readonly<Record<string, Parameter>>): string =>
  renderScript({ step, files: files.map(file), parameters });

/** Sets the time zone. */
export function timezoneScript(timezone: string): string {
  return upkeepStep("timezone", ["timezone.sh"], { timezone });
}

/** Limits the journal's size: SD cards wear out by writing. https://www.freedesktop.org/software/systemd/man/journald.conf.html */
export function journalScript({ journalMaxMiB }: HostSettingsConfig): string {
  const conf = journalMaxMiB === 0 ? "" : lines("[Journal]", `SystemMaxUse=${journalMaxMiB}M`);
  return upkeepStep("journal", ["drop-in.sh", "journal.sh"], { journal_conf: conf });
}

/** Has disks trimmed once a week. */
export function trimScript({ trim }: HostSettingsConfig): string {
  return upkeepStep("trim", ["trim.sh"], { enabled: trim });
}

/**
 * Has the hardware reset a host whose systemd hangs, if it has a watchdog.
 * https://www.freedesktop.org/software/systemd/man/systemd-system.conf.html#Hardware%20Watchdog
 */
export function watchdogScript({ watchdogSeconds }: HostSettingsConfig): string {
  const conf = watchdogSeconds === 0 ? "" : lines("[Manager]", `RuntimeWatchdogSec=${watchdogSeconds}s`);
  const parameters = { watchdog_conf: conf, watchdog_seconds: watchdogSeconds };
  return upkeepStep("watchdog", ["drop-in.sh", "watchdog.sh"], parameters);
}

/** Debian's unattended upgrades, of security only; a reboot is a person's to order. https://wiki.debian.org/UnattendedUpgrades */
export function securityUpdatesScript({ securityUpdates, shutdownGraceSeconds }: HostSettingsConfig): string {
  const on = lines(
    'APT::Periodic::Update-Package-Lists "1";',
    'APT::Periodic::Unattended-Upgrade "1";',
    'Unattended-Upgrade::Automatic-Reboot "false";',
    "// The package's own lists hold more than security.",
    "#clear Unattended-Upgrade::Allowed-Origins;",
    "#clear Unattended-Upgrade::Origins-Pattern;",
    "Unattended-Upgrade::Origins-Pattern {",
    '  "origin=Debian,codename=${distro_codename}-security,label=Debian-Security";',
    '  "origin=Debian,codename=${distro_codename},label=Debian-Security";',
    '  "origin=Ubuntu,archive=${distro_codename}-security,label=Ubuntu";',
    "};",
  );
  const off = 'APT::Periodic::Unattended-Upgrade "0";';
  // What the package itself asks for is 30 s.
  const logind = lines("[Login]", `InhibitDelayMaxSec=${Math.max(30, shutdownGraceSeconds)}`);
  const parameters = { enabled: securityUpdates, apt_conf: securityUpdates ? on : off, logind_conf: logind };
  return upkeepStep("security-updates", ["apt.sh", "security-updates.sh"], parameters);
}

/** Looks whether a host's data disks are there, and are for data alone; they are left as they are. */
export function dataDisksScript({ dataDisks }: HostConfig): string {
  return upkeepStep("data-disks", ["data-disks.sh"], { data_disks: dataDisks });
}

/** Changes sshd's settings for a while: without {@link sshKeptScript} over a fresh connection they are taken back. */
export function sshScript(settings: HostSettingsConfig): string {
  return upkeepStep("ssh", ["drop-in.sh", "ssh.sh", "ssh-change.sh"], sshParameters(settings));
}

/** Keeps the settings of {@link sshScript}. It holds their text, so that it runs whenever they change. */
export function sshKeptScript(settings: HostSettingsConfig): string {
  return upkeepStep("ssh-kept", ["drop-in.sh", "ssh.sh", "ssh-kept.sh"], sshParameters(settings));
}

function sshParameters({ sshHardening }: HostSettingsConfig): Record<string, Parameter> {
  const conf = lines(
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitEmptyPasswords no",
    "X11Forwarding no",
  );
  return { ssh_conf: sshHardening ? conf : "", revert_seconds: REVERT_SECONDS };
}

function lines(...all: readonly string[]): string {
  return all.join("\n");
}
