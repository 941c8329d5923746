/** What the end-to-end tests ask a cluster, each by another way than the code under test does. */
import * as fs from "node:fs";
import * as path from "node:path";
import { namespaceOf } from "../../sandbox/lan/network";
import type { Lab } from "./lab";

/** Address of a host in the sandbox's LAN, as the stack file numbers them: 192.0.2.11 of pi1. */
export const addressOf = (host: string): string => `192.0.2.${10 + Number(host.replace("pi", ""))}`;

/** Hosts whose node is Ready and whose member votes, as the API and etcd itself say on this server. */
export async function voters(lab: Lab, server = "pi2"): Promise<string[]> {
  const ready = await lab.kubectl("get", "nodes", "--no-headers");
  const tls = "/var/lib/rancher/k3s/server/tls/etcd";
  const call = `sudo curl --silent --max-time 5 --cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key`;
  const list = await lab.ssh(server, `${call} --data '{}' https://127.0.0.1:2379/v3/cluster/member/list`);
  const { members } = JSON.parse(list) as { members: { name: string; isLearner?: boolean }[] };
  return members
    .map(({ name, isLearner }) => (isLearner === true ? `${name} (learner)` : name.replace(/-[0-9a-f]{8}$/, "")))
    .map((name) => (new RegExp(`^${name} +Ready `, "m").test(ready) ? name : `${name} (not Ready)`))
    .sort();
}

/** Pods that answered at one server's port of the whoami service. */
export async function answering(lab: Lab, port: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (let request = 0; request < 30; request++) {
    const answer = await lab.exec("curl", "--silent", "--max-time", "5", `http://192.0.2.11:${port}/`);
    names.add(/^Hostname: (.*)$/m.exec(answer)?.[1] ?? "");
  }
  return names;
}

/** Namespaces, mounts, loop devices, control groups and processes of a sandbox that are still there. */
export function leftovers(directory: string): string[] {
  const id = namespaceOf("").slice(0, -1);
  const list = (folder: string): string[] => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  const contents = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
  return [
    ...list("/run/netns").filter((name) => name.startsWith(id)),
    ...contents("/proc/self/mountinfo")
      .split("\n")
      .filter((line) => line.includes(`${directory}/`)),
    ...list("/sys/block").filter((name) => contents(`/sys/block/${name}/loop/backing_file`).startsWith(directory)),
    ...["/sys/fs/cgroup", ...list("/sys/fs/cgroup").map((name) => path.join("/sys/fs/cgroup", name))]
      .flatMap((folder) =>
        fs.statSync(folder).isDirectory() ? list(folder).map((name) => path.join(folder, name)) : [],
      )
      .filter((name) => name.includes(id)),
    ...list("/proc")
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .map((pid) => commandLine(pid))
      .filter((line) => line.includes(`${directory}/`)),
  ];
}

function commandLine(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
