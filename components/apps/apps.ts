import * as pulumi from "@pulumi/pulumi";
import type { AppsConfig } from "../../config/layers";
import { restrictedNamespace } from "../workload/namespace";
import type { Surroundings } from "./web-app";
import { Whoami } from "./whoami";

export interface AppsArgs {
  readonly settings: AppsConfig;
  readonly surroundings: Surroundings;
  readonly images: { readonly whoami: string };
}

/** The home's web apps, in a namespace of their own; nothing at all if there are none. */
export class Apps extends pulumi.ComponentResource {
  /** Where each app is, by its name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Password of the login `admin` by the app's name, where basic authentication is on. Secrets. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: AppsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:apps:Apps", name, {}, opts);
    const { settings, surroundings, images } = args;
    const apps: Record<string, Whoami> = {};

    if (settings.whoami) {
      const inside = { parent: this, dependsOn: [restrictedNamespace(name, { parent: this })] };
      const whoami = { settings: settings.whoami, surroundings, namespace: name, image: images.whoami };
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
