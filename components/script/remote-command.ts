import type { remote } from "@pulumi/command";
import { version } from "@pulumi/command/package.json";
import * as pulumi from "@pulumi/pulumi";

export interface RemoteCommandArgs extends remote.CommandArgs {
  /** There if what the command prints is read from its resource. */
  readonly stdout?: undefined;
}

/**
 * `command.remote.Command`, without Outputs for what nobody reads. The generated class makes one of each of its eleven
 * properties, whether given or not, and seven more around each connection; an Output is some ten promises, and those of all
 * resources are there at once while the program is read. A test compares what the two register.
 */
export class RemoteCommand extends pulumi.CustomResource {
  /** What the command has printed. Undefined unless {@link RemoteCommandArgs.stdout} is there. */
  declare readonly stdout: pulumi.Output<string>;

  /** Options as in remote/command.ts of @pulumi/command. */
  constructor(name: string, args: RemoteCommandArgs, opts: pulumi.CustomResourceOptions) {
    const generated = { additionalSecretOutputs: ["connection"], replaceOnChanges: ["triggers[*]"] };
    super("command:remote:Command", name, args, pulumi.mergeOptions(pulumi.mergeOptions({ version }, opts), generated));
  }
}
