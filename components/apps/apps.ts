import * as pulumi from "@pulumi/pulumi";
import type { HomelabConfig } from "../../config/types";
import { restrictedNamespace } from "../workload/namespace";
import type { Surroundings } from "./web-app";
import { Whoami } from "./whoami";

export interface AppsArgs {
  readonly settings: Pick<HomelabConfig, "apps" | "domain" | "network" | "versions">;
  /** The way to the apps. */
  readonly ingress: { readonly ingressClass: string; readonly namespace: string };
  /** ClusterIssuer of certificates for single host names; absent if there is none. */
  readonly clusterIssuer?: string | undefined;
}

/** The home's web apps, in a namespace of their own; nothing at all if there are none. */
export class Apps extends pulumi.ComponentResource {
  /** Where each app is, by its name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Password of the login `admin` by the app's name, where basic authentication is on. Secrets. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: AppsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:apps:Apps", name, {}, opts);
    const { settings, ingress, clusterIssuer } = args;
    const { domain, network, versions } = settings;
    const surroundings: Surroundings = {
      domain,
      lan: network.lan,
      ingressClass: ingress.ingressClass,
      ingressNamespace: ingress.namespace,
      clusterIssuer,
    };
    const apps: Record<string, Whoami> = {};

    if (settings.apps.whoami) {
      const inside = { parent: this, dependsOn: [restrictedNamespace(name, { parent: this })] };
      const whoami = { settings: settings.apps.whoami, surroundings, namespace: name, image: versions.images.whoami };
      apps["whoami"] = new Whoami("whoami", whoami, inside);
    }

    const entries = Object.entries(apps);
    this.urls = Object.fromEntries(entries.map(([title, { url }]) => [title, url]));
    this.passwords = Object.fromEntries(
      entries.flatMap(([title, { password }]) => (password === undefined ? [] : [[title, password]])),
    );
    this.registerOutputs({});
  }
}
