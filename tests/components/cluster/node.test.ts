import { parse } from "yaml";
import {
  desiredState,
  etcdPresenceScript,
  filesScript,
  installScript,
  membershipScript,
  nodeFiles,
  rolloutScript,
} from "../../../components/cluster/node";
import { itemNames } from "../../../config/k3s-compatibility";
import { managedFlags, managedItems } from "../../../config/managed-flags";
import { renderK3sUnit } from "../../../components/cluster/units";
import { dualStackHome, home, host } from "../../support/homes";

const plain = home(host(1), host(2), host(3), host(4, "agent"));
const dual = dualStackHome(host(1), host(2), host(3));
const serversOf = (config: typeof plain) => config.hosts.filter(({ role }) => role === "server");
const planOf = (config: typeof plain, index: number) => {
  const one = config.hosts[index];
  if (one === undefined) throw new Error(`no host ${index}`);
  return { host: one, settings: config, servers: serversOf(config) };
};

test("a server's k3s configuration", () => {
  expect(parse(nodeFiles(planOf(plain, 0)).config)).toEqual({
    "node-name": "pi1",
    "node-ip": "192.0.2.11",
    "flannel-iface": "eth0",
    "token-file": "/etc/rancher/k3s/token",
    "kubelet-arg": ["config=/etc/rancher/k3s/kubelet.yaml"],
    "kube-proxy-arg": ["iptables-sync-period=10s"],
    "tls-san": ["192.0.2.10"],
    "cluster-cidr": "10.42.0.0/16",
    "service-cidr": "10.43.0.0/16",
    disable: ["traefik", "servicelb"],
    "secrets-encryption": true,
    "write-kubeconfig-mode": "0600",
    "kube-controller-manager-arg": ["node-monitor-grace-period=20s"],
  });
});

test("a dual-stack server's k3s configuration", () => {
  expect(parse(nodeFiles(planOf(dual, 1)).config)).toMatchObject({
    "node-ip": "192.0.2.12,fd00:c0:ffee::12",
    "tls-san": ["192.0.2.10", "fd00:c0:ffee::10"],
    "cluster-cidr": "10.42.0.0/16,fd00:42::/56",
    "service-cidr": "10.43.0.0/16,fd00:43::/112",
    "flannel-ipv6-masq": true,
  });
});

test("a kubelet that takes one address only gets none of a node that has two", () => {
  const argumentsOf = (config: typeof plain): unknown =>
    (parse(nodeFiles(planOf(config, 0)).config) as Record<string, unknown>)["kubelet-arg"];
  const own = "config=/etc/rancher/k3s/kubelet.yaml";
  expect(argumentsOf(dual)).toEqual([own, "node-ip=0.0.0.0"]);
  const newer = { ...dual, cluster: { ...dual.cluster, k3sVersion: "v1.27.16+k3s1" } };
  expect(argumentsOf(newer)).toEqual([own]);
});

test("extra flags are added, and a list's items to homelab's own", () => {
  const cluster = {
    ...plain.cluster,
    extraFlags: {
      server: { "etcd-snapshot-retention": 10, "tls-san": "home.example.org", "kubelet-arg": ["max-pods=200"] },
      agent: { "kubelet-arg": "max-pods=50" },
    },
  };
  const configOf = (index: number): unknown => parse(nodeFiles(planOf({ ...plain, cluster }, index)).config);
  const own = "config=/etc/rancher/k3s/kubelet.yaml";
  expect(configOf(0)).toMatchObject({
    "etcd-snapshot-retention": 10,
    "tls-san": ["192.0.2.10", "home.example.org"],
    "kubelet-arg": [own, "max-pods=200"],
  });
  expect(configOf(3)).toMatchObject({ "kubelet-arg": [own, "max-pods=50"] });
  expect(configOf(3)).not.toHaveProperty("tls-san");
});

test("no flag that homelab sets can be overridden by an extra one", () => {
  const everything = { ...dual, hostSettings: { ...dual.hostSettings, protectKernelDefaults: true } };
  const labelled = host(1, "server", { labels: { rack: "a" }, taints: ["a=b:NoSchedule"] });
  const { config } = nodeFiles({ ...planOf(everything, 0), host: { ...planOf(everything, 0).host, ...labelled } });
  const open = Object.entries(parse(config) as Record<string, unknown>).flatMap(([flag, value]) => {
    if (managedFlags.has(flag)) return [];
    const managed = managedItems.get(flag);
    return itemNames(value).flatMap((item) => (managed?.has(item) === true ? [] : [`${flag} ${item}`]));
  });
  // The API's addresses are added to by whoever reaches it by a name.
  expect(open.filter((name) => !name.startsWith("tls-san "))).toEqual([]);
});

test("an agent's k3s configuration has no flag of a server", () => {
  expect(parse(nodeFiles(planOf(plain, 3)).config)).toEqual({
    "node-name": "pi4",
    "node-ip": "192.0.2.14",
    "flannel-iface": "eth0",
    "token-file": "/etc/rancher/k3s/token",
    "kubelet-arg": ["config=/etc/rancher/k3s/kubelet.yaml"],
    "kube-proxy-arg": ["iptables-sync-period=10s"],
  });
});

test("the kubelet's file says how long pods get at a shutdown and when images go", () => {
  expect(parse(nodeFiles(planOf(plain, 0)).kubelet)).toEqual({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    imageGCHighThresholdPercent: 80,
    imageGCLowThresholdPercent: 70,
    shutdownGracePeriod: "30s",
    shutdownGracePeriodCriticalPods: "10s",
  });
});

test("a changed setting of the kubelet is another desired state, so that the rollout restarts the node for it", () => {
  const changed = { ...plain, hostSettings: { ...plain.hostSettings, shutdownGraceSeconds: 60 } };
  expect(desiredState(planOf(changed, 0))).not.toBe(desiredState(planOf(plain, 0)));
  const { settings, ...rest } = planOf(plain, 0);
  const strict = { ...settings.hostSettings, protectKernelDefaults: true };
  const config = nodeFiles({ ...rest, settings: { ...settings, hostSettings: strict } }).config;
  expect(parse(config)).toMatchObject({ "protect-kernel-defaults": true });
});

test("no node is told to join at the API's virtual address, nor to initialise by its place in a list", () => {
  for (const index of [0, 1, 2, 3]) {
    const { config, unit } = nodeFiles(planOf(plain, index));
    expect(config).not.toMatch(/^(server|cluster-init|token):/m);
    expect(unit).not.toMatch(/--server|--token|cluster-init/);
  }
});

test("registry mirrors", () => {
  const mirrored = {
    ...plain,
    artifacts: { ...plain.artifacts, registryMirrors: { "docker.io": ["http://mirror:5000"] } },
  };
  expect(parse(nodeFiles(planOf(mirrored, 0)).registries)).toEqual({
    mirrors: { "docker.io": { endpoint: ["http://mirror:5000"] } },
  });
});

test("the unit restarts k3s, leaves containers alone and refuses to start a server that belongs nowhere", () => {
  const unit = renderK3sUnit("server");
  expect(unit).toMatch(/^Type=notify$/m);
  expect(unit).toMatch(/^Restart=always$/m);
  expect(unit).toMatch(/^KillMode=process$/m);
  expect(unit).toMatch(/^ExecStart=\/usr\/local\/bin\/k3s server$/m);
  expect(unit).toMatch(/^ExecStartPre=.*server\/db\/etcd\/member.*10-join\.yaml.*exit 1/m);
  expect(renderK3sUnit("agent")).toMatch(/^ExecStart=\/usr\/local\/bin\/k3s agent$/m);
  expect(renderK3sUnit("agent")).not.toContain("ExecStartPre");
});

test("the desired state follows the version and what k3s reads, and nothing else", () => {
  const state = desiredState(planOf(plain, 0));
  expect(state).toMatch(/^[0-9a-f]{16}$/);
  const upgraded = { ...plain, cluster: { ...plain.cluster, k3sVersion: "v1.25.5+k3s1" } };
  expect(desiredState(planOf(upgraded, 0))).not.toBe(state);
  const mirrored = {
    ...plain,
    artifacts: { ...plain.artifacts, registryMirrors: { "docker.io": ["http://mirror:5000"] } },
  };
  expect(desiredState(planOf(mirrored, 0))).not.toBe(state);
  const grown = home(...plain.hosts, host(5, "agent"));
  expect(desiredState(planOf(grown, 0))).toBe(state);
});

test("an upgrade changes a node's files and its rollout, not its installation and membership", () => {
  const upgraded = { ...plain, cluster: { ...plain.cluster, k3sVersion: "v1.25.5+k3s1" } };
  const [before, after] = [planOf(plain, 0), planOf(upgraded, 0)];
  expect(installScript(after)).toBe(installScript(before));
  expect(membershipScript(after)).toBe(membershipScript(before));
  expect(filesScript(after)).not.toBe(filesScript(before));
  expect(rolloutScript(after)).not.toBe(rolloutScript(before));
});

test("an added agent changes nothing on the hosts that are there", () => {
  const grown = home(...plain.hosts, host(5, "agent"));
  for (const render of [filesScript, installScript, rolloutScript, membershipScript]) {
    expect(render(planOf(grown, 0))).toBe(render(planOf(plain, 0)));
    expect(render(planOf(grown, 3))).toBe(render(planOf(plain, 3)));
  }
});

test("what a server was told to do for its first start is visible to the others", () => {
  const text = etcdPresenceScript();
  expect(text).toContain("elif [ -e /var/lib/homelab/k3s/initialising ]; then echo initialising");
});
