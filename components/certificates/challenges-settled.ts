import type * as pulumi from "@pulumi/pulumi";
import { type Gatekeeper, gate } from "../cluster/gate";
import type { RemoteCommand } from "../script/remote-command";
import { shellFile } from "../script/script";

/** How long cert-manager may clean up after its challenges before they are dropped, in seconds. */
const SETTLE_SECONDS = 60;

/**
 * Holds issuers and cert-manager until the challenges of the Certificates that went before them are gone. It is made after
 * what it holds and does its work when it is deleted.
 */
export function challengesSettled(
  args: { readonly domain: string; readonly gatekeeper: Gatekeeper },
  opts: pulumi.CustomResourceOptions,
): RemoteCommand {
  return gate(
    "challenges-settled",
    {
      gatekeeper: args.gatekeeper,
      files: [shellFile(__dirname, "challenges-settled.sh")],
      parameters: { domain: args.domain, timeout_seconds: SETTLE_SECONDS },
      undo: true,
    },
    opts,
  );
}
