import * as upkeep from "../../../components/host/upkeep";
import type { HostSettingsConfig } from "../../../config/host-settings";
import { home, host } from "../../support/homes";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const settings = home().hostSettings;
const off: HostSettingsConfig = {
  ...settings,
  journalMaxMiB: 0,
  trim: false,
  watchdogSeconds: 0,
  securityUpdates: false,
};
let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().stub("systemctl");
});
afterEach(() => pi.remove());

describe("the journal's size", () => {
  const CONF = "etc/systemd/journald.conf.d/90-homelab.conf";
  const LOOK = "systemctl is-active --quiet systemd-journald.service";
  const RESTART = "systemctl restart systemd-journald.service";

  test("is limited, once", () => {
    const { status, calls } = pi.run(upkeep.journalScript(settings));
    expect([status, calls]).toEqual([0, [RESTART]]);
    expect(pi.read(CONF)).toBe("[Journal]\nSystemMaxUse=200M\n");
    expect(pi.run(upkeep.journalScript(settings))).toMatchObject({ status: 0, stderr: "", calls: [LOOK] });
  });

  test("that journald does not take is taken back, journald started without it, and the next run tries again", () => {
    pi.stub("systemctl", `[ "$1" != restart ] || [ ! -e ${pi.root}/${CONF} ]`);
    const { status, calls } = pi.run(upkeep.journalScript(settings));
    expect(status).toBe(1);
    expect(calls).toEqual([RESTART, "systemctl reset-failed systemd-journald.service", RESTART]);
    expect(pi.read(CONF)).toBeUndefined();
  });

  test("is not what matters where journald does not run: it is started", () => {
    pi.run(upkeep.journalScript(settings));
    pi.stub("systemctl", '[ "$1" != is-active ]');
    expect(pi.run(upkeep.journalScript(settings))).toMatchObject({ status: 0, calls: [LOOK, RESTART] });
  });

  test("is systemd's own again when switched off", () => {
    expect(pi.run(upkeep.journalScript(off))).toMatchObject({ status: 0, stderr: "", calls: [LOOK] });
    pi.run(upkeep.journalScript(settings));
    expect(pi.run(upkeep.journalScript(off)).calls).toEqual([RESTART]);
    expect(pi.read(CONF)).toBeUndefined();
  });
});

describe("the watchdog", () => {
  const CONF = "etc/systemd/system.conf.d/90-homelab.conf";
  const MANAGER = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager";
  const told = (seconds: number): string =>
    `busctl set-property ${MANAGER} RuntimeWatchdogUSec t ${seconds * 1_000_000}`;
  beforeEach(() => {
    pi.stub("busctl");
  });

  test("is systemd's to feed where there is one, at once and after the next boot", () => {
    expect(pi.run(upkeep.watchdogScript(settings))).toMatchObject({ status: 0, stderr: "", calls: [] });
    expect(pi.read(CONF)).toBeUndefined();
    pi.write("dev/watchdog", "");
    expect(pi.run(upkeep.watchdogScript(settings)).calls).toEqual([told(15)]);
    expect(pi.read(CONF)).toBe("[Manager]\nRuntimeWatchdogSec=15s\n");
    expect(pi.run(upkeep.watchdogScript(settings)).calls).toEqual([]);
    expect(pi.run(upkeep.watchdogScript(off)).calls).toEqual([told(0)]);
    expect(pi.read(CONF)).toBeUndefined();
  });

  test("that systemd can't be told of now is its from the next boot on", () => {
    pi.stub("busctl", "exit 1").write("dev/watchdog", "");
    const { status, stderr } = pi.run(upkeep.watchdogScript(settings));
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining("warning: the watchdog takes effect at the next boot"),
    ]);
    expect(pi.read(CONF)).toBe("[Manager]\nRuntimeWatchdogSec=15s\n");
  });
});

describe("trim", () => {
  const timer = (state: string): StubbedHost =>
    pi.stub("systemctl", `case "$1" in is-enabled) echo ${state}; [ ${state} = enabled ] ;; esac`);
  const changes = ({ calls }: StubbedRun): string[] => calls.filter((call) => !call.includes("is-enabled"));

  test("that the system came with is left alone, on and off", () => {
    timer("enabled");
    expect(changes(pi.run(upkeep.trimScript(settings)))).toEqual([]);
    expect(changes(pi.run(upkeep.trimScript(off)))).toEqual([]);
  });

  test("that was switched on is switched off again", () => {
    timer("disabled");
    expect(changes(pi.run(upkeep.trimScript(settings)))).toEqual(["systemctl enable --now --quiet fstrim.timer"]);
    timer("enabled");
    expect(changes(pi.run(upkeep.trimScript(off)))).toEqual(["systemctl disable --now --quiet fstrim.timer"]);
    expect(changes(pi.run(upkeep.trimScript(off)))).toEqual([]);
  });

  test("that its owner masked stays masked", () => {
    timer("masked");
    expect(changes(pi.run(upkeep.trimScript(settings)))).toEqual([]);
  });
});

describe("security updates", () => {
  const CONF = "etc/apt/apt.conf.d/90homelab-security-updates";
  beforeEach(() => {
    pi.stub("dpkg-query", "exit 1").stub("timeout", 'shift; "$@"').stub("apt-get");
  });

  test("come of security alone and never reboot", () => {
    const { status, calls } = pi.run(upkeep.securityUpdatesScript(settings));
    expect(status).toBe(0);
    expect(calls.at(-2)).toMatch(/^apt-get .* install .* unattended-upgrades$/);
    const conf = pi.read(CONF) ?? "";
    expect(conf).toContain('Unattended-Upgrade::Automatic-Reboot "false";\n');
    const origins = conf.split("\n").filter((line) => line.startsWith('  "origin='));
    expect(origins).toHaveLength(3);
    for (const origin of origins) expect(origin).toMatch(/label=Debian-Security"|-security,label=Ubuntu"/);
  });

  test("let the kubelet take as long as it was given to end its pods", () => {
    const LOGIND = "etc/systemd/logind.conf.d/unattended-upgrades-logind-maxdelay.conf";
    const reload = "systemctl kill --signal=HUP systemd-logind.service";
    expect(pi.run(upkeep.securityUpdatesScript({ ...settings, shutdownGraceSeconds: 60 })).calls).toContain(reload);
    expect(pi.read(LOGIND)).toBe("[Login]\nInhibitDelayMaxSec=60\n");
    pi.run(upkeep.securityUpdatesScript({ ...settings, shutdownGraceSeconds: 0 }));
    expect(pi.read(LOGIND)).toBe("[Login]\nInhibitDelayMaxSec=30\n");
    pi.run(upkeep.securityUpdatesScript({ ...settings, shutdownGraceSeconds: 30 }));
    expect(pi.run(upkeep.securityUpdatesScript({ ...settings, shutdownGraceSeconds: 30 })).calls).not.toContain(reload);
  });

  test("switched off install nothing, and end where they had been on", () => {
    expect(pi.run(upkeep.securityUpdatesScript(off))).toMatchObject({ status: 0, calls: [] });
    expect(pi.read(CONF)).toBeUndefined();
    pi.run(upkeep.securityUpdatesScript(settings));
    pi.run(upkeep.securityUpdatesScript(off));
    expect(pi.read(CONF)).toBe('APT::Periodic::Unattended-Upgrade "0";\n');
  });
});

test("the time zone is set once, and an unknown one refused", () => {
  pi.write("usr/share/zoneinfo/Europe/Berlin", "tz").write("etc/timezone", "Etc/UTC\n");
  expect(pi.run(upkeep.timezoneScript("Europe/Berlin"))).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("changed: time zone is Europe/Berlin") as string,
  });
  expect(pi.read("etc/localtime")).toBe("tz");
  expect(pi.run(upkeep.timezoneScript("Europe/Berlin"))).toMatchObject({ status: 0, stderr: "" });
  expect(pi.run(upkeep.timezoneScript("Europe/Bärlin")).stderr).toContain(
    "the time zone Europe/Bärlin is unknown here",
  );
});

describe("data disks", () => {
  const DISK = "dev/disk/by-id/ata-one";
  const look = (path = DISK): StubbedRun =>
    pi.run(upkeep.dataDisksScript(host(1, "server", { dataDisks: [`${pi.root}/${path}`] })));
  /** `lsblk` of a disk with these mount points. */
  const lsblk = (mountPoints: string, type = "disk"): unknown =>
    pi.stub("lsblk", `case "$*" in *MOUNTPOINTS*) printf '${mountPoints}' ;; *TYPE*) echo ${type} ;; esac`);
  beforeEach(() => {
    pi.write(DISK, "");
    lsblk("\\n\\n");
  });

  test("that are in no use pass in silence", () => {
    expect(look()).toMatchObject({ status: 0, stderr: "" });
  });

  test.each([
    [
      "of the system",
      "\\n/boot/firmware\\n/\\n",
      "disk",
      "is the disk of the operating system: it holds /boot/firmware /",
    ],
    ["with swap", "[SWAP]\\n", "disk", "is the disk of the operating system: it holds [SWAP]"],
    ["that is mounted", "\\n/mnt/old\\n", "disk", "is in use: it holds /mnt/old"],
    ["that is a partition", "\\n", "part", "is no whole disk"],
  ])("one %s is refused", (_, mountPoints, type, message) => {
    lsblk(mountPoints, type);
    const { status, stderr } = look();
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  test("one that is not there is named", () => {
    expect(look("dev/disk/by-id/ata-two").stderr).toContain("there is no disk");
  });
});
