import { PiHost } from "./components/host/pi-host";
import { K3sCluster } from "./components/cluster/k3s-cluster";
import { refuseRemovedServers } from "./components/cluster/removed-servers";
import { loadConfig } from "./config/load";

const config = loadConfig();
const { hosts, sshPrivateKey } = config;
refuseRemovedServers(hosts, config.cluster.removedServers);

const prepared = Object.fromEntries(hosts.map((host) => [host.name, new PiHost(host.name, { host, sshPrivateKey })]));
const cluster = new K3sCluster(config.cluster.name, { settings: config, hosts, prepared, sshPrivateKey });

export const nodes = hosts.map(({ name, role, address }) => ({ name, role, address }));
export const apiServer = cluster.apiServer;
export const kubeconfig = cluster.kubeconfig;
export const urls = {};
