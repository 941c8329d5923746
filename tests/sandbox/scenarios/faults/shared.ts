/** What the scenarios of faults share: a workload, the load on it, and what is asked of it afterwards. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import * as path from "node:path";
import { addressesOf } from "../../../../sandbox/lan/network";
import { shellQuote } from "../../../../components/script/script";
import { until } from "../../lab";
import { Load } from "../../load/load";
import { API_OBJECT, type Target } from "../../load/target";
import { addressOf, voters } from "../../questions";
import { unsettled } from "../../questions-network";
import { SERVERS, lab } from "../shared";

export const API_VIP = "192.0.2.10";
export const AGENT = "pi4";
/** Longest time without an answer, in seconds: of the API when its address moves, of a service at a node that is not concerned. */
export const LIMITS = { api: 20, service: 20 };
/** What is asked at the API's address. */
export const API = ["API read", "API write"];

export const serviceAt = (host: string): string => `service at ${host}`;
export const others = (host: string): string[] => SERVERS.filter((name) => name !== host);
export const secondsSince = (moment: number): string => ((Date.now() - moment) / 1000).toFixed(0);

/** A DaemonSet behind a service, a Deployment, and the object that the load reads and writes. */
export async function deployWorkload(): Promise<void> {
  await lab.kubectl("apply", "-f", path.join(__dirname, "../../whoami.yaml"));
  await lab.kubectl("create", "deployment", "steady", "--image=homelab/whoami:1", "--replicas=3");
  await lab.kubectl("create", "configmap", API_OBJECT, "--from-literal=at=0");
}

/** The API's object read and written, and the service asked at each of these hosts, all twice a second. */
export async function loadOn(hosts: readonly string[]): Promise<Load> {
  const port = Number(await lab.kubectl("get", "service", "whoami", "-o", "jsonpath={.spec.ports[0].nodePort}"));
  const api: Target[] = [
    { kind: "api", name: "API read", address: API_VIP, verb: "read", perSecond: 2 },
    { kind: "api", name: "API write", address: API_VIP, verb: "write", perSecond: 2 },
  ];
  const service = hosts.map((host): Target => {
    return { kind: "http", name: serviceAt(host), address: addressOf(host), port, perSecond: 2 };
  });
  return Load.start(lab, undefined, [...api, ...service]);
}

/** Runs a test's work under load on these hosts, and stops the load whatever happens. */
export async function underLoad(hosts: readonly string[], work: (load: Load) => Promise<void>): Promise<void> {
  const load = await loadOn(hosts);
  try {
    await work(load);
  } finally {
    load.stop();
  }
}

/** Waits for three voters whose nodes are Ready; `asked` is a server that has power. Returns seconds taken. */
export const threeVoters = (asked = "pi2", limitSeconds = 240): Promise<number> =>
  until("three voters", limitSeconds, async () => isDeepStrictEqual(await voters(lab, asked), SERVERS));

/** Waits until every Deployment and DaemonSet has all its pods. Returns seconds taken. */
export const allPods = (limitSeconds = 180): Promise<number> =>
  until("all pods", limitSeconds, async () => {
    const left = await unsettled(lab);
    if (left.length > 0) throw new Error(left.join(", "));
    return true;
  });

/** Servers that carry the API's address on their interface, whoever sees them. */
export async function holders(): Promise<string[]> {
  const found = await Promise.all(SERVERS.map(async (name) => ({ name, addresses: await addressesOf(name) })));
  return found.filter(({ addresses }) => addresses.includes(API_VIP)).map(({ name }) => name);
}

/** The one server that carries it. */
export async function holder(): Promise<string> {
  let found: string[] = [];
  await until("one holder of the API's address", 60, async () => (found = await holders()).length === 1);
  return found[0] ?? "";
}

/** The service's answer to a client in a pod's network on this host, who knows the cluster's DNS and nothing else. */
export function askFromPod(host: string): Promise<string> {
  const look = `for netns in $(ls -t /run/netns | grep ^cni-); do
      nsenter --net=/run/netns/$netns ip -oneline -4 address show scope global | grep inet >/dev/null && break
    done
    printf 'nameserver 10.43.0.10\\n' >/run/cluster-dns.conf
    unshare --mount sh -c "mount --bind /run/cluster-dns.conf /etc/resolv.conf
      exec nsenter --net=/run/netns/$netns curl --silent --show-error --max-time 10 http://whoami.default.svc.cluster.local/"`;
  return lab.ssh(host, `sudo bash -c ${shellQuote(look)}`);
}

/** Waits until pods on these hosts find the service by its name. Returns seconds taken. */
export const clusterDns = (hosts: readonly string[], limitSeconds = 120): Promise<number> =>
  until("the service by the cluster's DNS", limitSeconds, async () => {
    for (const host of hosts) assert.match(await askFromPod(host), /^Hostname: whoami-/m);
    return true;
  });

/** What the load wrote last, as one server's own API has it. */
export const writtenAt = async (server: string): Promise<number> =>
  Number(
    await lab.kubectl(
      ...["--server", `https://${addressOf(server)}:6443`, "get", "configmap", API_OBJECT, "-o", "jsonpath={.data.at}"],
    ),
  );

const FILLER = "/var/filler";

/** Takes the last byte of a host's disk, also what it has freed since. */
export async function fillDisk(host: string): Promise<void> {
  const fill = `[ -e ${FILLER} ] || fallocate --length $(($(df --output=avail --block-size=1 / | tail -n 1) - 16777216)) ${FILLER}
    dd if=/dev/zero of=${FILLER}-end bs=64K oflag=append conv=notrunc 2>/dev/null || true; sync`;
  await lab.ssh(host, `sudo sh -c ${shellQuote(fill)}`);
}

export const freeDisk = (host: string): Promise<string> => lab.ssh(host, `sudo rm -f ${FILLER} ${FILLER}-end`);
