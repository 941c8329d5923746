import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../../config/types";
import { ApiAccess } from "./api-access";
import { CoreDns } from "./core-dns";
import type { Gatekeeper } from "./gate";
import type { ClusterSettings } from "./k3s-config";
import { K3sNode, NodeFiles } from "./k3s-node";
import { Membership } from "./membership";
import type { NodePlan } from "./node";
import { Rollout } from "./rollout";
import { clusterToken } from "./token";

export interface K3sClusterArgs {
  readonly settings: ClusterSettings;
  readonly hosts: readonly HostConfig[];
  /** The resource of each host, by its name: k3s is only brought to a host that is prepared. */
  readonly prepared: Readonly<Record<string, pulumi.Resource>>;
  /** Private key of the SSH logins. A secret. */
  readonly sshPrivateKey: pulumi.Input<string>;
}

/**
 * k3s on all hosts as one cluster with embedded etcd, and the way into it. https://docs.k3s.io/datastore/ha-embedded
 *
 * Servers join one after the other, each a voter before the next (etcd takes one learner at a time); agents all at once.
 */
export class K3sCluster extends pulumi.ComponentResource {
  /** URL of the Kubernetes API at its virtual address. */
  readonly apiServer: string;
  /** The administrator's kubeconfig. A secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The Kubernetes provider for every layer above. */
  readonly provider: k8s.Provider;
  /** The server on which gates of the layers above run. */
  readonly gatekeeper: Gatekeeper;

  constructor(name: string, args: K3sClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:cluster:K3sCluster", name, {}, opts);
    const { settings, sshPrivateKey } = args;
    const inside = { parent: this };
    const servers = args.hosts.filter((host) => host.role === "server");
    const agents = args.hosts.filter((host) => host.role === "agent");
    // What is rendered from a list of servers is sorted, so that the order of hosts in the config means nothing.
    const sorted = [...servers].sort((a, b) => a.name.localeCompare(b.name));
    const plan = (host: HostConfig): NodePlan => ({ host, settings, servers: sorted });
    const anchor = plan(first(sorted));

    const everyHost = Object.values(args.prepared);
    const token = clusterToken(name, { anchor, sshPrivateKey }, { ...inside, dependsOn: everyHost });
    const files = (host: HostConfig): NodeFiles =>
      new NodeFiles(
        host.name,
        { plan: plan(host), sshPrivateKey, token: token.value },
        { ...inside, dependsOn: [...resourcesOf(args.prepared[host.name]), ...token.taken] },
      );
    const node = (host: HostConfig, after: readonly pulumi.Resource[]): K3sNode =>
      new K3sNode(host.name, { plan: plan(host), sshPrivateKey }, { ...inside, dependsOn: [...after] });

    // Whichever server comes first asks all others for etcd data, so all of them must be able to answer by then.
    const serverFiles = servers.map(files);
    const serverNodes: K3sNode[] = [];
    for (const host of servers) serverNodes.push(node(host, [...serverFiles, ...serverNodes.slice(-1)]));
    const agentNodes = agents.map((host) => node(host, [files(host), ...serverNodes]));
    const nodes = [...serverNodes, ...agentNodes];

    const access = new ApiAccess(name, { server: anchor, sshPrivateKey }, { ...inside, dependsOn: serverNodes });
    const rollout = new Rollout(
      name,
      { nodes: [...servers, ...agents].map(plan), gatekeeper: anchor, sshPrivateKey, kubeconfig: access.kubeconfig },
      { ...inside, dependsOn: nodes },
    );
    for (const host of [...servers, ...agents]) {
      const membership = { plan: plan(host), sshPrivateKey, kubeconfig: access.kubeconfig };
      new Membership(host.name, membership, { ...inside, dependsOn: [rollout.last] });
    }
    new CoreDns(name, { nodes: args.hosts.length }, { ...inside, provider: access.provider });

    this.apiServer = `https://${settings.network.apiVip.ipv4}:6443`;
    this.kubeconfig = access.kubeconfig;
    this.provider = access.provider;
    this.gatekeeper = { host: anchor.host, sshPrivateKey };
    this.registerOutputs({});
  }
}

function first(servers: readonly HostConfig[]): HostConfig {
  const [server] = servers;
  if (server === undefined) throw new Error("a cluster needs a server");
  return server;
}

function resourcesOf(resource: pulumi.Resource | undefined): pulumi.Resource[] {
  return resource === undefined ? [] : [resource];
}
