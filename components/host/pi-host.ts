import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../../config/types";
import { connectionTo, remoteSteps } from "../script/remote-step";
import {
  hostnameScript,
  kernelScript,
  memoryCgroupScript,
  packagesScript,
  readyScript,
  trustedCAsScript,
  verifiedScript,
} from "./steps";

export interface PiHostArgs {
  readonly host: HostConfig;
  /** Private key of the SSH login, in OpenSSH or PEM form. A secret. */
  readonly sshPrivateKey: pulumi.Input<string>;
  /** PEM certificates that the host trusts besides the public ones. @default [] */
  readonly trustedCAs?: readonly string[];
}

/**
 * A host as k3s needs it, made from a bare operating system: name, packages, trusted CAs, kernel, memory control
 * group.
 *
 * Each concern is one convergent step with a resource of its own. The steps of one host run one after the other
 * (apt's lock, sshd's MaxStartups); different hosts run side by side.
 */
export class PiHost extends pulumi.ComponentResource {
  constructor(name: string, args: PiHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:PiHost", name, {}, opts);
    remoteSteps(
      name,
      connectionTo(args.host, args.sshPrivateKey),
      {
        ready: { script: readyScript(args.host), dialErrorLimit: 20 },
        hostname: { script: hostnameScript(args.host) },
        packages: { script: packagesScript(args.host), timeoutSeconds: 1200 },
        "trusted-cas": { script: trustedCAsScript(args.trustedCAs ?? []) },
        kernel: { script: kernelScript(args.host) },
        "memory-cgroup": { script: memoryCgroupScript() },
        // A Pi may take minutes from reboot to sshd.
        verified: { script: verifiedScript(), dialErrorLimit: 60, timeoutSeconds: 1200 },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
