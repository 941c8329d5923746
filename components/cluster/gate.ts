import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../../config/types";
import type { RemoteCommand } from "../script/remote-command";
import { type RemoteStepArgs, connectionTo, remoteStep } from "../script/remote-step";
import { type ScriptArgs, renderScript, shellFile } from "../script/script";

/** The server on which gates run. */
export interface Gatekeeper {
  readonly host: HostConfig;
  /** Private key of the SSH login. A secret. */
  readonly sshPrivateKey: pulumi.Input<string>;
}

export interface GateArgs extends Omit<RemoteStepArgs, "connection" | "script"> {
  readonly gatekeeper: Gatekeeper;
  /** Shell files; they find `admin`, kubectl as the cluster's administrator. */
  readonly files: ScriptArgs["files"];
  readonly parameters?: ScriptArgs["parameters"];
}

/**
 * A step on one server that lets later resources go on only when something in the cluster or outside of it really works.
 * Changed parameters run it again; a failed one is run again by the next `pulumi up`.
 */
export function gate(name: string, args: GateArgs, opts: pulumi.CustomResourceOptions): RemoteCommand {
  const { gatekeeper, files, parameters, ...step } = args;
  const helpers = ["paths.sh", "admin-server.sh"].map((file) => shellFile(__dirname, file));
  const script = renderScript({ step: name, files: [...helpers, ...files], ...(parameters && { parameters }) });
  return remoteStep(
    name,
    { ...step, connection: connectionTo(gatekeeper.host, gatekeeper.sshPrivateKey), script },
    opts,
  );
}
