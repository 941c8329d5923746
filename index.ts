import { setFlagsFromString } from "node:v8";
import type { Resource } from "@pulumi/pulumi";
import { Apps } from "./components/apps/apps";
import { Certificates } from "./components/certificates/certificates";
import { DefaultCertificate } from "./components/certificates/default-certificate";
import { CloudflarePreflight } from "./components/cloudflare/preflight";
import { K3sCluster } from "./components/cluster/k3s-cluster";
import { refuseRemovedServers } from "./components/cluster/removed-servers";
import { Dns } from "./components/dns/dns";
import { Upkeep } from "./components/host/host-upkeep";
import { PiHost } from "./components/host/pi-host";
import { Ingress } from "./components/network/ingress";
import { LoadBalancer } from "./components/network/load-balancer";
import { loadConfig } from "./config/load";

// The SDK's promises soon are garbage, which V8 lets grow to several times of what is alive: docs/benchmark.md.
setFlagsFromString("--heap-growing-percent=15");

const config = loadConfig();
const { domain, hosts, network, trustedCAs, sshPrivateKey, cloudflareApiToken } = config;
const { charts } = config.versions;
refuseRemovedServers(hosts, config.cluster.removedServers);

// Hosts, and one cluster of them.
const prepared = Object.fromEntries(
  hosts.map((host) => [host.name, new PiHost(host.name, { host, settings: config, trustedCAs, sshPrivateKey })]),
);
const cluster = new K3sCluster(config.cluster.name, { settings: config, hosts, prepared, sshPrivateKey });

// The layers above it: each is there if its section of the config is.
const { gatekeeper, provider } = cluster;
const above = (...layers: readonly (Resource | undefined)[]) => ({
  provider,
  dependsOn: [cluster, ...layers.filter((layer) => layer !== undefined)],
});

const occasion = charts["cert-manager"].version;
const account = cloudflareApiToken && { domain, token: cloudflareApiToken, occasion, gatekeeper };
const preflight = account && new CloudflarePreflight("cloudflare-preflight", account, above());

const addresses = config.loadBalancer && { settings: config.loadBalancer, chart: charts.metallb, gatekeeper };
const loadBalancer = addresses && new LoadBalancer("load-balancer", addresses, above());

const signers = config.certificates && {
  settings: config.certificates,
  chart: charts["cert-manager"],
  ...{ domain, trustedCAs, cloudflareApiToken, gatekeeper },
};
const certificates = signers && new Certificates("certificates", signers, above(preflight));

const routes = config.ingress && { settings: config.ingress, chart: charts.traefik, domain, lan: network.lan };
const ingress = routes && new Ingress("ingress", routes, above(loadBalancer));

const wildcard = ingress &&
  config.certificates && {
    ...{ domain, namespace: ingress.namespace, secretName: ingress.certificateSecret, gatekeeper },
    clusterIssuer: config.certificates.issuer,
    issuanceTimeoutSeconds: config.certificates.issuanceTimeoutSeconds,
  };
const certificate = wildcard && new DefaultCertificate("default-certificate", wildcard, above(ingress, certificates));

const names = { settings: config, ingress: ingress?.addresses, cloudflareApiToken, preflight };
const dns = (config.lanDns ?? config.publicDns) && new Dns("dns", names, above(loadBalancer));

const sites = ingress && { settings: config, ingress, clusterIssuer: certificates?.clusterIssuer };
const apps = sites && new Apps("apps", sites, above(ingress, certificates));

// Last, since a failed step ends `pulumi up`: what is good to have must not keep away what is needed.
const allElse = [preflight, loadBalancer, certificates, ingress, certificate, dns, apps];
new Upkeep("upkeep", { hosts, settings: config.hostSettings, sshPrivateKey }, above(...allElse));

export const nodes = hosts.map(({ name, role, address }) => ({ name, role, address }));
export const apiServer = cluster.apiServer;
export const kubeconfig = cluster.kubeconfig;
export const urls = { ...(ingress?.dashboardUrl && { dashboard: ingress.dashboardUrl }), ...apps?.urls };
export const dashboardPassword = ingress?.dashboardPassword;
export const appPasswords = apps?.passwords ?? {};
export const internalCa = certificates?.internalCaCertificate;
