import { createHash } from "node:crypto";
import type { HostConfig } from "../../config/types";
import { renderScript, shellFile, type Parameter } from "../script/script";
import { API_LEAVING } from "./api-vip";
import {
  k3sFlags,
  labelsOf,
  renderK3sConfig,
  renderKubeletConfig,
  renderRegistries,
  type ClusterSettings,
} from "./k3s-config";
import { ETCD_PRESENCE_PORT, etcdPresenceFiles, k3sService, renderK3sUnit } from "./units";

const file = (name: string): string => shellFile(__dirname, name);
/** What a script finds that deals with the node itself. */
export const OF_NODE = ["paths.sh", "servers.sh", "whose-k3s.sh", "k3s.sh"].map(file);

/** One node as its scripts see it. */
export interface NodePlan {
  readonly host: HostConfig;
  readonly settings: ClusterSettings;
  /** All servers of the configuration, sorted by name. */
  readonly servers: readonly HostConfig[];
}

/** The text of every file that k3s reads on this node. */
export function nodeFiles({ host, settings }: NodePlan): Record<"config" | "kubelet" | "registries" | "unit", string> {
  return {
    config: renderK3sConfig(k3sFlags(host, settings)),
    kubelet: renderKubeletConfig(settings.hostSettings),
    registries: renderRegistries(settings.artifacts.registryMirrors),
    unit: renderK3sUnit(host.role),
  };
}

/**
 * Identifies what k3s on this node has to run with: its version, every file that it reads, and from the second on the
 * cluster's token by its number. 16 hex digits.
 */
export function desiredState(plan: NodePlan): string {
  const { k3sVersion, tokenGeneration } = plan.settings.cluster;
  const content = JSON.stringify([k3sVersion, nodeFiles(plan), ...(tokenGeneration === 1 ? [] : [tokenGeneration])]);
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/**
 * Downloads the k3s release for the host's architecture, checks its sha256 and lays it aside. It refuses a host that has a
 * k3s of another making, unless that is of this version or was taken over.
 */
export function artifactScript({ host, settings }: NodePlan): string {
  const { baseUrl, sha256 } = settings.artifacts.k3s;
  return renderScript({
    step: "k3s-artifact",
    files: ["paths.sh", "whose-k3s.sh", "artifact.sh"].map(file),
    parameters: {
      service: k3sService(host.role),
      version: settings.cluster.k3sVersion,
      base_url: baseUrl,
      sha256_amd64: sha256.amd64 ?? "",
      sha256_arm64: sha256.arm64 ?? "",
    },
  });
}

/** Lays the files that k3s reads aside, from where install and rollout take them. */
export function filesScript(plan: NodePlan): string {
  const { config, kubelet, registries, unit } = nodeFiles(plan);
  return renderScript({
    step: "k3s-files",
    files: [file("paths.sh"), file("files.sh")],
    parameters: {
      service: k3sService(plan.host.role),
      config_yaml: config,
      kubelet_yaml: kubelet,
      registries_yaml: registries,
      unit,
      servers: otherServers(plan).join("\n"),
      version: plan.settings.cluster.k3sVersion,
      desired: desiredState(plan),
    },
  });
}

/** Writes the cluster's token, which it gets as its secret, for root alone; but never over that of another cluster. */
export function tokenScript({ settings }: NodePlan): string {
  return renderScript({
    step: "k3s-token",
    files: [file("paths.sh"), file("token.sh")],
    parameters: { generation: settings.cluster.tokenGeneration },
  });
}

/**
 * Asks the cluster, if there is one, to take another token over. The step's secret is all tokens of the stack, a line each,
 * the one that shall hold first.
 */
export function tokenRotationScript(plan: NodePlan): string {
  return renderScript({
    step: "token-rotation",
    files: [file("paths.sh"), file("token-rotation.sh")],
    parameters: {
      servers: ["127.0.0.1", ...otherServers(plan)],
      generation: plan.settings.cluster.tokenGeneration,
      wait_seconds: 60,
    },
  });
}

/** On servers: the service that answers whether etcd data is present. */
export function etcdPresenceScript(): string {
  const { responder, socket, service } = etcdPresenceFiles;
  return renderScript({
    step: "etcd-presence",
    files: [file("etcd-presence.sh")],
    parameters: { responder, socket_unit: socket, service_unit: service },
  });
}

/** Brings k3s up for the first time, by joining the cluster or by initialising it. Changes no k3s that is there already. */
export function installScript(plan: NodePlan): string {
  return renderScript({
    step: "k3s-install",
    files: [...OF_NODE, ...["diagnose.sh", "releases.sh", "rejoin.sh", "install.sh"].map(file)],
    parameters: { ...nodeParameters(plan), presence_port: ETCD_PRESENCE_PORT },
    lockWaitSeconds: plan.settings.cluster.joinTimeoutSeconds + 300,
  });
}

/**
 * Restarts k3s with what is laid aside, if that differs from what it runs with: drain, swap, restart, wait, uncordon.
 * The version and the state's hash are named in it, so that the plan shows which node is going to be restarted.
 */
export function rolloutScript(plan: NodePlan): string {
  const { cluster } = plan.settings;
  return renderScript({
    step: "k3s-rollout",
    files: [
      ...OF_NODE,
      file("diagnose.sh"),
      adminFile(plan.host),
      file("planned-restart.sh"),
      file("drain.sh"),
      file("rollout.sh"),
    ],
    parameters: {
      ...nodeParameters(plan),
      leaving: API_LEAVING,
      version: cluster.k3sVersion,
      desired: desiredState(plan),
      drain_timeout_seconds: cluster.drainTimeoutSeconds,
      labels: labelsOf(plan.host),
      taints: plan.host.taints,
    },
    // The way to new settings and the way back.
    lockWaitSeconds: 2 * cluster.joinTimeoutSeconds + cluster.drainTimeoutSeconds + 300,
  });
}

/** Checks the node's membership; on an agent's deletion takes the node out of the cluster and uninstalls k3s. */
export function membershipScript(plan: NodePlan): string {
  const uninstall = plan.host.role === "agent" ? [file("uninstall.sh")] : [];
  return renderScript({
    step: "k3s-membership",
    files: [...OF_NODE, adminFile(plan.host), file("drain.sh"), ...uninstall, file("membership.sh")],
    parameters: { ...nodeParameters(plan), drain_timeout_seconds: plan.settings.cluster.drainTimeoutSeconds },
  });
}

/** Refuses a version that skips a minor or goes back, before any node is touched. */
export function versionGateScript(plan: NodePlan): string {
  return renderScript({
    step: "version-gate",
    files: ["paths.sh", "servers.sh", "admin-server.sh", "releases.sh", "version-gate.sh"].map(file),
    parameters: { version: plan.settings.cluster.k3sVersion },
  });
}

/** Prints the administrator's kubeconfig for the API's virtual address once that answers. */
export function kubeconfigScript({ settings }: NodePlan): string {
  return renderScript({
    step: "kubeconfig",
    files: [file("paths.sh"), file("servers.sh"), file("admin-server.sh"), file("kubeconfig.sh")],
    parameters: { api_address: settings.network.apiVip.ipv4, cluster_name: settings.cluster.name },
  });
}

function otherServers({ host, servers }: NodePlan): string[] {
  return servers.filter((server) => server.name !== host.name).map((server) => server.address);
}

function adminFile(host: HostConfig): string {
  return file(host.role === "server" ? "admin-server.sh" : "admin-agent.sh");
}

/** What does not change during a node's life, so that an upgrade's plan shows its files and its rollout and no more. */
export function nodeParameters({ host, settings }: NodePlan): Record<string, Parameter> {
  const { ipv4, ipv6 } = settings.network.apiVip;
  return {
    role: host.role,
    service: k3sService(host.role),
    node_name: host.name,
    node_address: host.address,
    api_vips: ipv6 === undefined ? [ipv4] : [ipv4, ipv6],
    join_timeout_seconds: settings.cluster.joinTimeoutSeconds,
  };
}
