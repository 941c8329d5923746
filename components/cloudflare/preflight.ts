import * as pulumi from "@pulumi/pulumi";
import { type Gatekeeper, gate } from "../cluster/gate";
import { type Parameter, shellFile } from "../script/script";

/** Cloudflare's API. The same constant is in cert-manager's source, so it is none of the configuration's. */
const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";

/** How the secret is called in the configuration; messages name it. */
export const CLOUDFLARE_TOKEN_NAME = "homelab:cloudflareApiToken";

export interface CloudflarePreflightArgs {
  readonly domain: string;
  /** API token. A secret. */
  readonly token: pulumi.Input<string>;
  /** A change of this text is another reason to look, say the version of what works with the token. */
  readonly occasion: string;
  /** The server from which Cloudflare is asked. */
  readonly gatekeeper: Gatekeeper;
}

/** The shell file of the preflight. */
export const PREFLIGHT_FILE = shellFile(__dirname, "preflight.sh");

/** Its parameters: it ends within two minutes, whatever is wrong. */
export function preflightParameters(domain: string, occasion: string): Readonly<Record<string, Parameter>> {
  return {
    api: CLOUDFLARE_API,
    domain,
    token_name: CLOUDFLARE_TOKEN_NAME,
    timeout_seconds: 60,
    pause_seconds: 5,
    occasion,
  };
}

/**
 * Looks whether Cloudflare takes the token for the domain's zone, before anything gets that token: with a wrong one,
 * whoever works with the last one goes on working.
 */
export class CloudflarePreflight extends pulumi.ComponentResource {
  constructor(name: string, args: CloudflarePreflightArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:cloudflare:CloudflarePreflight", name, {}, opts);
    gate(
      name,
      {
        gatekeeper: args.gatekeeper,
        files: [PREFLIGHT_FILE],
        parameters: preflightParameters(args.domain, args.occasion),
        secret: args.token,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
