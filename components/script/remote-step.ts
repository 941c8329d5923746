import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../../config/types";
import { RemoteCommand } from "./remote-command";
import { asRoot, shellQuote } from "./script";

/** How a host is logged in to. A secret. */
export type Connection = pulumi.Output<command.types.output.remote.Connection>;

/**
 * The one place where a connection is put together: an unexpected field here would be printed with the private key
 * by the command plugin's error. The host's key is always pinned. Steps of one host share it.
 */
export function connectionTo(host: HostConfig, privateKey: pulumi.Input<string>): Connection {
  const { connectionArgsProvideDefaults } = command.types.input.remote;
  const { address, port, user, hostKey } = host;
  return pulumi.secret(connectionArgsProvideDefaults({ host: address, port, user, hostKey, privateKey }));
}

export interface RemoteStepArgs {
  readonly connection: Connection;
  /** Text of {@link renderScript}. It is called with `create`, `update` or `delete` as its first argument. */
  readonly script: pulumi.Input<string>;
  /**
   * A secret for the step, as its standard input. The script then travels in the command itself, where a failure prints
   * it; without a secret the script is the standard input and a failure prints one short line and the step's own words.
   */
  readonly secret?: pulumi.Input<string>;
  /** Whether it runs as the user of the login instead of root. @default false */
  readonly asLogin?: boolean;
  /** Whether a change of the script calls it with `update` instead of `create`. @default false */
  readonly distinguishUpdate?: boolean;
  /** Whether the step has something to undo when its resource is deleted. @default false */
  readonly undo?: boolean;
  /** Whether what the step prints on standard output is read, and is a secret. @default false */
  readonly secretOutput?: boolean;
  /**
   * How often dialling may fail before the step does, with the last cause. The plugin waits 0.1 s after the first failure
   * and 5 s from the tenth on; a host that is silent costs 15 s more each time. Without a limit no cause would be named.
   * @default 10
   */
  readonly dialErrorLimit?: number;
  /**
   * Limit of dialling, in seconds; the plugin does not end a command that runs, so a script bounds its own waits.
   * @default 600
   */
  readonly timeoutSeconds?: number;
}

/**
 * One step on a host: a convergent script, run as root (through sudo for other users) by a `command.remote.Command`.
 * Any change of the script or of the connection, such as the key of a replaced host, runs it again.
 */
export function remoteStep(name: string, args: RemoteStepArgs, opts: pulumi.CustomResourceOptions): RemoteCommand {
  const { dialErrorLimit } = args;
  const seconds = `${args.timeoutSeconds ?? 600}s`;
  const asLoginOrRoot = args.asLogin === true ? (text: string) => text : asRoot;
  const call = (action: string): pulumi.Input<string> =>
    args.secret === undefined
      ? asLoginOrRoot(`bash -s ${action}`)
      : pulumi.output(args.script).apply((script) => inline(script, action));
  return new RemoteCommand(
    name,
    {
      connection:
        dialErrorLimit === undefined ? args.connection : args.connection.apply((one) => ({ ...one, dialErrorLimit })),
      create: call("create"),
      ...(args.distinguishUpdate === true ? { update: call("update") } : {}),
      ...(args.undo === true ? { delete: call("delete") } : {}),
      stdin: args.secret ?? args.script,
      addPreviousOutputInEnv: false,
      logging: args.secretOutput === true ? command.remote.Logging.None : command.remote.Logging.Stderr,
      ...(args.secretOutput === true ? { stdout: undefined } : {}),
    },
    {
      ...opts,
      customTimeouts: { create: seconds, update: seconds, delete: seconds },
      ...(args.secretOutput === true ? { additionalSecretOutputs: ["stdout", "stderr"] } : {}),
    },
  );
}

/** The script reads the secret from file descriptor 3, since its own standard input is closed to its commands. */
function inline(script: string, action: string): string {
  return asRoot(`bash -c ${shellQuote(`exec 3<&0\n${script}`)} homelab ${action}`);
}
