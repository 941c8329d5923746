import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { type Gatekeeper, gate } from "../cluster/gate";
import { type Parameter, shellFile } from "../script/script";

/** Cloudflare's API. The same constant is in cert-manager's source, so it is none of the configuration's. */
const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";

/** How the secret is called in the configuration; messages name it. */
export const CLOUDFLARE_TOKEN_NAME = "homelab:cloudflareApiToken";

export interface CloudflarePreflightArgs {
  readonly domain: string;
  /** A secret. */
  readonly token: pulumi.Input<string>;
  /** Another cert-manager is another reason to look. */
  readonly chartVersion: string;
  readonly gatekeeper: Gatekeeper;
}

/** The shell file of the preflight. */
export const PREFLIGHT_FILE = shellFile(__dirname, "preflight.sh");

/** Its parameters: it ends within two minutes, whatever is wrong. */
export function preflightParameters(domain: string, chartVersion: string): Readonly<Record<string, Parameter>> {
  return {
    api: CLOUDFLARE_API,
    domain,
    token_name: CLOUDFLARE_TOKEN_NAME,
    timeout_seconds: 60,
    pause_seconds: 5,
    cert_manager_version: chartVersion,
  };
}

/** Looks, before cert-manager is touched, whether Cloudflare takes the token for the domain's zone. */
export function cloudflarePreflight(
  args: CloudflarePreflightArgs,
  opts: pulumi.CustomResourceOptions,
): command.remote.Command {
  return gate(
    "cloudflare-preflight",
    {
      gatekeeper: args.gatekeeper,
      files: [PREFLIGHT_FILE],
      parameters: preflightParameters(args.domain, args.chartVersion),
      secret: args.token,
    },
    opts,
  );
}
