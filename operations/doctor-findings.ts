/** What `doctor` concludes from what the hosts said. Pure: no host is asked here. */
import { X509Certificate } from "node:crypto";
import { RENEWAL_UNIT } from "../components/cluster/certificate-renewal";
import { k3sService } from "../components/cluster/units";
import { clusterAddresses } from "../components/host/steps";
import type { HomelabConfig } from "../config/types";
import { table } from "./command-line";
import { lifeText } from "./duration";
import type { Finding, Severity } from "./finding";
import type { NodeStatus, StatusReport } from "./status-report";

/** What one host printed, NAME VALUE a line, or why it printed nothing. */
export interface HostFacts {
  readonly name: string;
  readonly text?: string | undefined;
  /** Why a host that could be logged in to told nothing; hosts that could not are in the status report already. */
  readonly error?: string | undefined;
  /** Seconds since 1970 on this machine when the host's answer came. */
  readonly askedAt: number;
}

const DAY = 24 * 60 * 60;

interface Limit {
  readonly warning: number;
  readonly error: number;
}

/** Per cent of a file system. k3s has the kubelet evict pods at 95; images are collected at `imageGc.highPercent`. */
const DISK: Limit = { warning: 85, error: 93 };

/** Per cent of a file system's inodes. */
const INODES: Limit = { warning: 80, error: 90 };

/** The Pi's boot partition, which the kubelet does not look after. */
const BOOT = "/boot/firmware";

/** Seconds. Certificates and leases begin to fail at a minute. */
const CLOCK: Limit = { warning: 5, error: 30 };

/** Days. Each node renews its certificates from 60 days before their end on, so that fewer are a renewal that did not work. */
const CERTIFICATE = { warning: 50, error: 14 } as const;

/** Days. The kubeconfig's certificate is renewed by hand. */
const KUBECONFIG = { warning: 60, error: 14 } as const;

/** Of k3s, in an hour. Once or twice it may end when the whole house has lost its power, before the others are there. */
const MANY_RESTARTS = 3;

/**
 * All findings, errors first.
 *
 * @param facts one entry a host
 * @param others what is wrong beside hosts and cluster: the layers, as layers/findings.ts knows it, and the kubeconfig
 */
export function findingsOf(
  config: HomelabConfig,
  facts: readonly HostFacts[],
  status: StatusReport,
  others: readonly Finding[],
): Finding[] {
  const findings = [
    ...status.findings,
    ...facts.flatMap((one) => hostFindings(config, one)),
    ...status.nodes.flatMap(certificateFindings),
    ...others,
  ];
  return findings.sort(
    (one, other) => one.severity.localeCompare(other.severity) || one.where.localeCompare(other.where),
  );
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function hostFindings(config: HomelabConfig, { name, text, error, askedAt }: HostFacts): Finding[] {
  if (error !== undefined) {
    const remedy = "its root shell must work without a password: `sudo -n true` on it; else look at its load";
    return [{ severity: "error", where: name, what: `it does not tell how it is: ${error}`, remedy }];
  }
  if (text === undefined) return [];
  const lines = text.split("\n").map((line) => split(line, " "));
  const all = (fact: string): string[] => lines.filter(([key]) => key === fact).map(([, value]) => value);
  const one = (fact: string): string => all(fact)[0] ?? "";
  const role = config.hosts.find((host) => host.name === name)?.role ?? "server";
  const service = k3sService(role);
  const found: Omit<Finding, "where">[] = [];
  const check = (bad: boolean, finding: Omit<Finding, "where">): void => void (bad && found.push(finding));
  const beyond = (value: number, limit: Limit, finding: Omit<Finding, "where" | "severity">): void => {
    if (value >= Math.min(limit.warning, limit.error))
      found.push({ severity: value >= limit.error ? "error" : "warning", ...finding });
  };

  check(one("service") !== "active", {
    severity: "error",
    what: `${service} is ${one("service") || "not installed"}`,
    remedy: `\`sudo journalctl -u ${service} -e\` on it says why; \`sudo systemctl start ${service}\` starts it`,
  });
  check(Number(one("restarts")) >= MANY_RESTARTS, {
    severity: "warning",
    what: `${service} has ended by itself ${one("restarts")} times within an hour`,
    why: `each time ${role === "server" ? "this node's API and its vote in etcd are away" : "nobody looks after its pods"}`,
    remedy: `\`sudo journalctl -u ${service} --since -1h --grep 'election lost|panic|fatal'\` on it says why${role === "server" ? '; a lost election means that etcd was too slow: docs/hosts.md, "When etcd is slow"' : ""}`,
  });
  check(one("settings") === "other", {
    severity: "warning",
    what: `${service} runs with other settings than those that are laid aside for it`,
    why: "a rollout has failed or was cut off, or `pulumi up` is at work",
    remedy: `\`pulumi up\`; if that finds nothing to do: docs/operations.md, "Running a step again", for ${name}-k3s-rollout`,
  });
  check(one("memory_cgroup") === "no", {
    severity: "error",
    what: "the memory control group is off",
    why: "k3s does not start at its next restart",
    remedy:
      "look at /proc/cmdline for cgroup_disable=memory; the Pi's cmdline.txt must say cgroup_enable=memory; then reboot",
  });
  for (const disk of all("disk")) {
    const [mount, used] = split(disk, " ");
    const what = `${mount} is ${used} % full`;
    if (mount === BOOT) beyond(Number(used), DISK, { what, ...FULL_BOOT });
    else beyond(Number(used), diskLimit(config), { what, ...FULL_DISK });
  }
  for (const disk of all("inodes")) {
    const [mount, used] = split(disk, " ");
    beyond(Number(used), INODES, {
      what: `${used} % of the inodes of ${mount} are used`,
      why: "no file can be made when they run out",
      remedy: `find what makes many small files: \`sudo du --inodes -x ${mount} | sort -n | tail\``,
    });
  }
  beyond(Math.abs(Number(one("clock")) - askedAt), CLOCK, {
    what: `the clock is ${Math.abs(Number(one("clock")) - askedAt)} s off from this machine's`,
    why: "certificates and leases are judged by the clock",
    remedy: "`timedatectl` on it shows whether time is synchronised",
  });
  check(one("clock_synchronised") === "no", {
    severity: "warning",
    what: "time is not synchronised",
    why: "a Pi has no clock that runs without power",
    remedy: "`sudo timedatectl set-ntp true`, or install systemd-timesyncd",
  });
  const resolvers = new Set(one("resolvers").split(" "));
  const own = clusterAddresses(config).filter((address) => resolvers.has(address));
  check(own.length > 0, {
    severity: "error",
    what: `it resolves names by ${own.join(" and ")}, which the cluster itself serves`,
    why: "after a power loss it cannot pull the image of that name server",
    remedy:
      "give it the router or a public resolver as its name server, and the other clients alone the cluster's: docs/hosts.md",
  });
  check(role === "server" && one("keepalived") !== "active", {
    severity: "error",
    what: `keepalived is ${one("keepalived") || "not installed"}`,
    why: "this server cannot take over the API's address",
    remedy: "`sudo journalctl -u keepalived -e` on it says why",
  });
  check(one("reboot_required") === "yes", {
    severity: "warning",
    what: "updates wait for a reboot",
    remedy: "drain it, reboot it, uncordon it; one host at a time",
  });
  check((Number(one("throttled")) & 1) !== 0, {
    severity: "error",
    what: "the power supply is too weak",
    why: "the Pi throttles, and its disk may lose writes",
    remedy: "use the official power supply and a short cable",
  });
  check(one("failed_units").trim() !== "", {
    severity: "warning",
    what: `failed units: ${one("failed_units").trim()}`,
    remedy: "`systemctl status UNIT` on it",
  });
  return found.map((finding) => ({ where: name, ...finding }));
}

const FULL_BOOT = {
  why: "kernel updates fail when it is full",
  remedy: "`sudo apt-get autoremove --purge` takes old kernels away",
};

const FULL_DISK = {
  why: "pods are evicted at 95 %, and etcd stops when it cannot write",
  remedy: "`sudo k3s crictl rmi --prune` and `sudo journalctl --vacuum-size=200M` free space; else a larger disk",
};

/** Below that, the kubelet's deletion of unused images is still to come. */
function diskLimit({ hostSettings }: HomelabConfig): Limit {
  return { ...DISK, warning: Math.max(DISK.warning, hostSettings.imageGc.highPercent + 5) };
}

function certificateFindings({ name, role, certificate }: NodeStatus): Finding[] {
  if (certificate === undefined) return [];
  const { file, secondsLeft } = certificate;
  return ending(secondsLeft, CERTIFICATE, {
    where: name,
    what: file,
    why: "the node drops out of the cluster when it does",
    remedy: `\`journalctl -u ${RENEWAL_UNIT}\` on it says why it was not renewed; by hand: drain the node, \`sudo systemctl restart ${k3sService(role)}\`, uncordon it`,
  });
}

/**
 * What is wrong with the administrator's certificate in a kubeconfig, of which `now` is the time in seconds since 1970.
 * A text without one has no findings.
 */
export function kubeconfigFindings(kubeconfig: string | undefined, now: number): Finding[] {
  const data = /^ *client-certificate-data: *(\S+)/m.exec(kubeconfig ?? "")?.[1];
  if (data === undefined) return [];
  const { validTo } = new X509Certificate(Buffer.from(data, "base64"));
  return ending(Date.parse(validTo) / 1000 - now, KUBECONFIG, {
    where: "cluster",
    what: "the certificate in the stack's kubeconfig",
    why: "kubectl and `pulumi up` are refused when it does",
    remedy: KUBECONFIG_REMEDY,
  });
}

const KUBECONFIG_REMEDY =
  "`pulumi up --replace URN`, the URN from `pulumi stack --show-urns | grep 'kubeconfig$'`, then `npm run homelab -- kubeconfig`: docs/operations.md, Once a year";

function ending(secondsLeft: number, limit: Limit, { what, ...rest }: Omit<Finding, "severity">): Finding[] {
  if (secondsLeft >= limit.warning * DAY) return [];
  const severity = secondsLeft < limit.error * DAY ? "error" : "warning";
  return [{ severity, what: `${what} ${secondsLeft > 0 ? `ends in ${lifeText(secondsLeft)}` : "has ended"}`, ...rest }];
}

/** A line for each finding, and a closing one. */
export function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return "all is well";
  const rows = findings.map(({ severity, where, what, why }) => [
    severity,
    where,
    why === undefined ? what : `${what}: ${why}`,
  ]);
  const lines = table(rows)
    .split("\n")
    .flatMap((line, index) => [line, `         -> ${findings[index]?.remedy ?? ""}`]);
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return [...lines, "", `${count("error")} errors, ${count("warning")} warnings`].join("\n");
}

/** 0 if all is well, 1 with an error, 3 with warnings only. */
export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.length === 0) return 0;
  return findings.some(({ severity }) => severity === "error") ? 1 : 3;
}
