import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../../config/types";
import { HostSteps } from "../script/host-steps";
import { connectionTo } from "../script/remote-step";
import * as steps from "./steps";

export interface PiHostArgs {
  readonly host: HostConfig;
  readonly settings: steps.HostPreparation;
  /** Private key of the SSH login, in OpenSSH or PEM form. A secret. */
  readonly sshPrivateKey: pulumi.Input<string>;
  /** PEM certificates that the host trusts besides the public ones. @default [] */
  readonly trustedCAs?: readonly string[];
}

/**
 * A host as k3s needs it, made from a bare operating system. What is only good to have is `HostUpkeep`'s: the cluster
 * waits for everything here, and for nothing there.
 *
 * Each concern is one convergent step with a resource of its own. The steps of one host run one after the other
 * (apt's lock, sshd's MaxStartups); different hosts run side by side.
 */
export class PiHost extends HostSteps {
  constructor(name: string, { host, settings, ...args }: PiHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "homelab:host:PiHost",
      name,
      connectionTo(host, args.sshPrivateKey),
      () => ({
        login: { script: steps.loginScript(), asLogin: true, dialErrorLimit: 20 },
        ready: { script: steps.readyScript(host), dialErrorLimit: 20 },
        // What may refuse the host comes first, so that a refused one is left as it was.
        facts: { script: steps.factsScript(host, settings) },
        ...(host.role === "server" ? { "disk-latency": { script: steps.diskLatencyScript(settings) } } : {}),
        time: { script: steps.timeScript(settings), timeoutSeconds: 1200 },
        hostname: { script: steps.hostnameScript(host) },
        packages: { script: steps.packagesScript(host), timeoutSeconds: 1200 },
        "trusted-cas": { script: steps.trustedCAsScript(args.trustedCAs ?? []) },
        kernel: { script: steps.kernelScript(host, settings) },
        swap: { script: steps.swapScript() },
        "memory-cgroup": { script: steps.memoryCgroupScript() },
        // A Pi may take minutes from reboot to sshd.
        verified: { script: steps.verifiedScript(), dialErrorLimit: 60, timeoutSeconds: 1200 },
      }),
      opts,
    );
  }
}
