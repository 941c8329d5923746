import type { Resource } from "@pulumi/pulumi";
import { Apps } from "./components/apps/apps";
import { Certificates } from "./components/certificates/certificates";
import { DefaultCertificate } from "./components/certificates/default-certificate";
import { K3sCluster } from "./components/cluster/k3s-cluster";
import { refuseRemovedServers } from "./components/cluster/removed-servers";
import { Dns } from "./components/dns/dns";
import { HostUpkeep } from "./components/host/host-upkeep";
import { PiHost } from "./components/host/pi-host";
import { Ingress } from "./components/network/ingress";
import { LoadBalancer } from "./components/network/load-balancer";
import { loadConfig } from "./config/load";

const config = loadConfig();
const { domain, hosts, network, trustedCAs, sshPrivateKey, cloudflareApiToken } = config;
const { charts, images } = config.versions;
refuseRemovedServers(hosts, config.cluster.removedServers);

// Hosts, and one cluster of them. Upkeep runs beside it: nothing waits for that.
const prepared = Object.fromEntries(
  hosts.map((host) => {
    const piHost = new PiHost(host.name, { host, settings: config, trustedCAs, sshPrivateKey });
    new HostUpkeep(host.name, { host, settings: config.hostSettings, sshPrivateKey }, { dependsOn: piHost });
    return [host.name, piHost];
  }),
);
const cluster = new K3sCluster(config.cluster.name, { settings: config, hosts, prepared, sshPrivateKey });

// The layers above it: each is there if its section of the config is.
const { gatekeeper, provider } = cluster;
const above = (...layers: readonly (Resource | undefined)[]) => ({
  provider,
  dependsOn: [cluster, ...layers.filter((layer) => layer !== undefined)],
});

const loadBalancer =
  config.loadBalancer &&
  new LoadBalancer("load-balancer", { settings: config.loadBalancer, chart: charts.metallb, gatekeeper }, above());

const signers = config.certificates && {
  settings: config.certificates,
  ...{ domain, chart: charts["cert-manager"], trustedCAs, cloudflareApiToken, gatekeeper },
};
const certificates = signers && new Certificates("certificates", signers, above());

const routes = config.ingress && { settings: config.ingress, chart: charts.traefik, domain, lan: network.lan };
const ingress = routes && new Ingress("ingress", routes, above(loadBalancer));

if (ingress && certificates && config.certificates) {
  const { namespace } = ingress;
  const { issuer: clusterIssuer, issuanceTimeoutSeconds } = config.certificates;
  const certificate = { domain, namespace, clusterIssuer, issuanceTimeoutSeconds, gatekeeper };
  new DefaultCertificate("default-certificate", certificate, above(ingress, certificates));
}

if (config.lanDns || config.publicDns) {
  const addresses = ingress?.addresses;
  const { lanDns, publicDns } = config;
  const clusterName = config.cluster.name;
  new Dns(
    "dns",
    {
      lan: lanDns && {
        settings: lanDns,
        domain,
        hosts,
        ingress: addresses,
        apiVip: network.apiVip,
        image: images.coredns,
      },
      public: publicDns &&
        cloudflareApiToken && {
          settings: publicDns,
          ...{ domain, clusterName, ingressIpv6: addresses?.ipv6, cloudflareApiToken, image: images.node, trustedCAs },
        },
    },
    above(loadBalancer),
  );
}

const apps =
  ingress &&
  new Apps(
    "apps",
    {
      settings: config.apps,
      surroundings: {
        domain,
        lan: network.lan,
        ingressClass: ingress.ingressClass,
        ingressNamespace: ingress.namespace,
        clusterIssuer: certificates?.clusterIssuer,
      },
      images,
    },
    above(ingress, certificates),
  );

export const nodes = hosts.map(({ name, role, address }) => ({ name, role, address }));
export const apiServer = cluster.apiServer;
export const kubeconfig = cluster.kubeconfig;
export const urls = { ...(ingress?.dashboardUrl && { dashboard: ingress.dashboardUrl }), ...apps?.urls };
export const dashboardPassword = ingress?.dashboardPassword;
export const appPasswords = apps?.passwords ?? {};
