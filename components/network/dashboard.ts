import * as pulumi from "@pulumi/pulumi";
import type { DualStack } from "../../config/types";
import { Middlewares } from "./middlewares";
import { traefikObject } from "./traefik-objects";

export interface DashboardArgs {
  /** Traefik's namespace, which exists already. */
  readonly namespace: string;
  readonly domain: string;
  /** CIDRs of the LAN. */
  readonly lan: DualStack;
}

/** Traefik's dashboard at `https://traefik.<domain>`, behind a login and for the LAN only: it shows every route there is. */
export class Dashboard extends pulumi.ComponentResource {
  readonly url: string;
  /** Password of the login `admin`. A secret. */
  readonly password: pulumi.Output<string> | undefined;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:network:Dashboard", name, {}, opts);
    const { namespace, lan } = args;
    const host = `traefik.${args.domain}`;

    const { names, password } = new Middlewares(
      "dashboard",
      { namespace, lan, access: "lan", settings: { basicAuth: true } },
      { parent: this },
    );
    traefikObject(
      `${name}-route`,
      {
        kind: "IngressRoute",
        namespace,
        name: "dashboard",
        spec: {
          entryPoints: ["websecure"],
          routes: [
            {
              kind: "Rule",
              match: `Host(\`${host}\`)`,
              middlewares: names.map((middleware) => ({ name: middleware })),
              services: [{ kind: "TraefikService", name: "api@internal" }],
            },
          ],
          tls: {},
        },
      },
      { parent: this },
    );

    this.url = `https://${host}/dashboard/`;
    this.password = password;
    this.registerOutputs({});
  }
}
