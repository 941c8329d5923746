import * as pulumi from "@pulumi/pulumi";
import { restrictedNamespace } from "../workload/namespace";
import { LanDns, type LanDnsArgs } from "./lan-dns";
import { PublicDns, type PublicDnsArgs } from "./public-dns";

export interface DnsArgs {
  /** The LAN's name server; absent: none. */
  readonly lan?: Omit<LanDnsArgs, "namespace"> | undefined;
  /** The public records; absent: none. */
  readonly public?: Omit<PublicDnsArgs, "namespace"> | undefined;
}

/** Names of the home, for the LAN and for the internet, in a namespace of their own. */
export class Dns extends pulumi.ComponentResource {
  constructor(name: string, args: DnsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:dns:Dns", name, {}, opts);
    const home = restrictedNamespace(name, { parent: this });
    const inside = { parent: this, dependsOn: [home] };
    if (args.lan) new LanDns("lan-dns", { ...args.lan, namespace: name }, inside);
    if (args.public) new PublicDns("public-dns", { ...args.public, namespace: name }, inside);
    this.registerOutputs({});
  }
}
