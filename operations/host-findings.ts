/** What `doctor` concludes from what one host said. Pure: no host is asked here. */
import { k3sService } from "../components/cluster/units";
import { clusterAddresses } from "../components/host/steps";
import type { HomelabConfig } from "../config/types";
import type { Finding, Limit } from "./finding";

/** What one host printed, NAME VALUE a line, or why it printed nothing. */
export interface HostFacts {
  readonly name: string;
  readonly text?: string | undefined;
  /** Why a host that could be logged in to told nothing; hosts that could not are in the status report already. */
  readonly error?: string | undefined;
  /** Seconds since 1970 on this machine when the host's answer came. */
  readonly askedAt: number;
}

/** Per cent of a file system. k3s has the kubelet evict pods at 95; images are collected at `imageGc.highPercent`. */
const DISK: Limit = { warning: 85, error: 93 };

/** Per cent of a file system's inodes. */
const INODES: Limit = { warning: 80, error: 90 };

/** The Pi's boot partition, which the kubelet does not look after. */
const BOOT = "/boot/firmware";

/** Seconds. Certificates and leases begin to fail at a minute. */
const CLOCK: Limit = { warning: 5, error: 30 };

/** Of k3s, in an hour. Once or twice it may end when the whole house has lost its power, before the others are there. */
const MANY_RESTARTS = 3;

/** All that is wrong with a host. */
export function hostFindings(config: HomelabConfig, facts: HostFacts): Finding[] {
  const { name: where, text, error, askedAt } = facts;
  if (error !== undefined) {
    const remedy = "its root shell must work without a password: `sudo -n true` on it; else look at its load";
    const why = "what is wrong with it stays unseen";
    return [{ severity: "error", where, what: `it does not tell how it is: ${error}`, why, remedy }];
  }
  if (text === undefined) return [];
  const host = new HostReport(text);
  const role = config.hosts.find(({ name }) => name === where)?.role ?? "server";
  return [
    ...k3sFindings(host, where, k3sService(role), role === "server"),
    ...diskFindings(host, config),
    ...clockFindings(host, askedAt),
    ...resolverFindings(host, config),
    ...systemFindings(host),
  ].map((finding) => ({ where, ...finding }));
}

/** The lines NAME VALUE that a host printed; a name may have several. */
class HostReport {
  private readonly lines: readonly (readonly [string, string])[];

  constructor(text: string) {
    this.lines = text.split("\n").map(firstWord);
  }

  all(fact: string): readonly string[] {
    return this.lines.filter(([name]) => name === fact).map(([, value]) => value);
  }

  /** The fact's first value, empty if it has none. */
  one(fact: string): string {
    return this.all(fact)[0] ?? "";
  }

  /** A fact whose values are MOUNT PER-CENT. */
  used(fact: string): readonly { readonly mount: string; readonly percent: number }[] {
    return this.all(fact)
      .map(firstWord)
      .map(([mount, percent]) => ({ mount, percent: Number(percent) }));
  }
}

/** A text's first word, and what comes after it. */
function firstWord(text: string): [string, string] {
  const at = text.indexOf(" ");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

type Found = Omit<Finding, "where">;

const when = (bad: boolean, finding: Found): Found[] => (bad ? [finding] : []);

function beyond(limit: Limit, value: number, finding: Omit<Found, "severity">): Found[] {
  if (value < Math.min(limit.warning, limit.error)) return [];
  return [{ severity: value >= limit.error ? "error" : "warning", ...finding }];
}

function k3sFindings(host: HostReport, name: string, service: string, isServer: boolean): Found[] {
  const restarts = Number(host.one("restarts"));
  const journal = `\`sudo journalctl -u ${service} --since -1h --grep 'election lost|panic|fatal'\` on it says why`;
  return [
    ...when(host.one("service") !== "active", {
      severity: "error",
      what: `${service} is ${host.one("service") || "not installed"}`,
      why: isServer ? "its API and its vote in etcd are away" : "nobody looks after its pods",
      remedy: `\`sudo journalctl -u ${service} -e\` on it says why; \`sudo systemctl start ${service}\` starts it`,
    }),
    ...when(restarts >= MANY_RESTARTS, {
      severity: "warning",
      what: `${service} has ended by itself ${restarts} times within an hour`,
      ...(isServer
        ? {
            why: "each time this node's API and its vote in etcd are away",
            remedy: `${journal}; a lost election means that etcd was too slow: docs/hosts.md, "When etcd is slow"`,
          }
        : { why: "each time nobody looks after its pods", remedy: journal }),
    }),
    ...when(host.one("settings") === "other", {
      severity: "warning",
      what: `${service} runs with other settings than those that are laid aside for it`,
      why: "a rollout has failed or was cut off, or `pulumi up` is at work",
      remedy: `\`pulumi up\`; if that finds nothing to do: docs/operations.md, "Running a step again", for ${name}-k3s-rollout`,
    }),
    ...when(isServer && host.one("keepalived") !== "active", {
      severity: "error",
      what: `keepalived is ${host.one("keepalived") || "not installed"}`,
      why: "this server cannot take over the API's address",
      remedy: "`sudo journalctl -u keepalived -e` on it says why",
    }),
    ...when(host.one("memory_cgroup") === "no", {
      severity: "error",
      what: "the memory control group is off",
      why: "k3s does not start at its next restart",
      remedy:
        "look at /proc/cmdline for cgroup_disable=memory; the Pi's cmdline.txt must say cgroup_enable=memory; then reboot",
    }),
  ];
}

function diskFindings(host: HostReport, { hostSettings }: HomelabConfig): Found[] {
  // Below that, the kubelet's deletion of unused images is still to come.
  const disk: Limit = { ...DISK, warning: Math.max(DISK.warning, hostSettings.imageGc.highPercent + 5) };
  const full = host.used("disk").flatMap(({ mount, percent }) => {
    const what = `${mount} is ${percent} % full`;
    return mount === BOOT
      ? beyond(DISK, percent, {
          what,
          why: "kernel updates fail when it is full",
          remedy: "`sudo apt-get autoremove --purge` takes old kernels away",
        })
      : beyond(disk, percent, {
          what,
          why: "pods are evicted at 95 %, and etcd stops when it cannot write",
          remedy:
            "`sudo k3s crictl rmi --prune` and `sudo journalctl --vacuum-size=200M` free space; else a larger disk",
        });
  });
  const manyFiles = host.used("inodes").flatMap(({ mount, percent }) =>
    beyond(INODES, percent, {
      what: `${percent} % of the inodes of ${mount} are used`,
      why: "no file can be made when they run out",
      remedy: `find what makes many small files: \`sudo du --inodes -x ${mount} | sort -n | tail\``,
    }),
  );
  return [...full, ...manyFiles];
}

function clockFindings(host: HostReport, askedAt: number): Found[] {
  const offset = Math.abs(Number(host.one("clock")) - askedAt);
  return [
    ...beyond(CLOCK, offset, {
      what: `the clock is ${offset} s off from this machine's`,
      why: "certificates and leases are judged by the clock",
      remedy: "`timedatectl` on it shows whether time is synchronised",
    }),
    ...when(host.one("clock_synchronised") === "no", {
      severity: "warning",
      what: "time is not synchronised",
      why: "a Pi has no clock that runs without power",
      remedy: "`sudo timedatectl set-ntp true`, or install systemd-timesyncd",
    }),
  ];
}

function resolverFindings(host: HostReport, config: HomelabConfig): Found[] {
  const resolvers = new Set(host.one("resolvers").split(" "));
  const own = clusterAddresses(config).filter((address) => resolvers.has(address));
  return when(own.length > 0, {
    severity: "error",
    what: `it resolves names by ${own.join(" and ")}, which the cluster itself serves`,
    why: "after a power loss it cannot pull the image of that name server",
    remedy:
      "give it the router or a public resolver as its name server, and the other clients alone the cluster's: docs/hosts.md",
  });
}

function systemFindings(host: HostReport): Found[] {
  const failedUnits = host.one("failed_units").trim();
  return [
    ...when(host.one("reboot_required") === "yes", {
      severity: "warning",
      what: "updates wait for a reboot",
      why: "a mended kernel or library is in use from then on only",
      remedy: "drain it, reboot it, uncordon it; one host at a time",
    }),
    ...when((Number(host.one("throttled")) & 1) !== 0, {
      severity: "error",
      what: "the power supply is too weak",
      why: "the Pi throttles, and its disk may lose writes",
      remedy: "use the official power supply and a short cable",
    }),
    ...when(failedUnits !== "", {
      severity: "warning",
      what: `failed units: ${failedUnits}`,
      why: "what they are for is not done",
      remedy: "`systemctl status UNIT` on it",
    }),
  ];
}
