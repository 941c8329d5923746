import * as pulumi from "@pulumi/pulumi";
import type { DualStack, HomelabConfig } from "../../config/types";
import { restrictedNamespace } from "../workload/namespace";
import { LanDns } from "./lan-dns";
import { PublicDns } from "./public-dns";

/** What names are made from; without its section, a half of this layer is off. */
export type DnsSettings = Pick<
  HomelabConfig,
  "cluster" | "domain" | "hosts" | "lanDns" | "network" | "publicDns" | "trustedCAs" | "versions"
>;

export interface DnsArgs {
  readonly settings: DnsSettings;
  /** Addresses of the ingress; absent if there is none. */
  readonly ingress?: DualStack | undefined;
  /** Needed for public records. A secret. */
  readonly cloudflareApiToken?: pulumi.Input<string> | undefined;
  /** What has tried the token; the LAN's names do not wait for it. */
  readonly preflight?: pulumi.Resource | undefined;
}

/** Names of the home, for the LAN and for the internet, in a namespace of their own. */
export class Dns extends pulumi.ComponentResource {
  constructor(name: string, args: DnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:dns:Dns", name, {}, opts);
    const { settings, ingress, cloudflareApiToken, preflight } = args;
    const { domain, hosts, network, cluster, trustedCAs, lanDns, publicDns } = settings;
    const { images } = settings.versions;
    const home = restrictedNamespace(name, { parent: this });
    const inside = { parent: this, dependsOn: [home] };

    if (lanDns) {
      const names = { domain, hosts, ingress, apiVip: network.apiVip };
      new LanDns("lan-dns", { settings: lanDns, ...names, image: images.coredns, namespace: name }, inside);
    }
    if (publicDns) {
      if (cloudflareApiToken === undefined) throw new Error("publicDns needs the secret homelab:cloudflareApiToken");
      const names = { domain, clusterName: cluster.name, ingressIpv6: ingress?.ipv6 };
      const account = { cloudflareApiToken, preflight, trustedCAs };
      const where = { image: images.node, namespace: name };
      new PublicDns("public-dns", { settings: publicDns, ...names, ...account, ...where }, inside);
    }
    this.registerOutputs({});
  }
}
