import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Dns } from "../../../components/dns/dns";
import type { HomelabConfig } from "../../../config/types";
import { dualStackHome, host, withLayers } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

export const TOKEN = "the-cloudflare-token";

/** A dual-stack home with every layer on. */
export const config = withLayers(dualStackHome(host(1), host(2), host(3)));

/** What index.ts does. */
function program(config: HomelabConfig, more: { trustedCAs?: readonly string[] } = {}): void {
  const { domain, ingress, lanDns, publicDns, network, hosts, versions } = config;
  const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
  const lan = lanDns && {
    settings: lanDns,
    domain,
    ingress: ingress?.address,
    apiVip: network.apiVip,
    hosts,
    image: versions.images.coredns,
  };
  const published = publicDns && {
    settings: publicDns,
    domain,
    clusterName: config.cluster.name,
    ingressIpv6: ingress?.address.ipv6,
    cloudflareApiToken: pulumi.output(TOKEN),
    image: versions.images.node,
    ...more,
  };
  new Dns("dns", { lan, public: published }, { provider });
}

/** All that is registered for this home's names. */
export const record = (config: HomelabConfig, more = {}): Promise<Registration[]> =>
  recordProgram(() => program(config, more));
