/** `command:remote:Command`: commands on another host over SSH. Follows pulumi-command 1.2.1 (remote/). */
import { Operation, ResourceHandler } from "../operation";
import { Properties } from "../properties";
import { ConnectionSettings } from "./credentials";
import { dial } from "./dial";
import { commandHandler, Runner } from "./lifecycle";
import { previousOutputVariables } from "./local";
import { commandError, OutputCollector } from "./output";
import { runCommand, SessionVariable } from "./session";
import { REMOTE_COMMAND } from "./shapes";

const refusedMessage = (name: string): string =>
  `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via AcceptEnv. ` +
  "Alternatively, if a Bash-like shell runs the command on the remote host, you could prefix the command itself with " +
  "the variables in the form 'VAR=value command'";

/** The program's own variables must be accepted by the server; those with the previous output are only tried. */
function sessionVariables(
  inputs: Properties,
  previous: Record<string, string>,
  operation: Operation,
): SessionVariable[] {
  const own = Object.entries((inputs["environment"] as Record<string, string> | undefined) ?? {});
  return [
    ...own.map(([name, value]) => ({
      name,
      value,
      async refused() {
        await operation.log("error", refusedMessage(name));
        throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
      },
    })),
    ...Object.entries(previous).map(([name, value]) => ({
      name,
      value,
      refused: () => operation.log("warning", refusedMessage(name)),
    })),
  ];
}

const run: Runner = async (command, inputs, previous, operation) => {
  // The client is not ended after the command, as officially: connections stay open until the plugin ends.
  const client = await dial(inputs["connection"] as ConnectionSettings, operation);
  const output = new OutputCollector(operation, inputs["logging"]);
  const variables = sessionVariables(inputs, previousOutputVariables(inputs, previous), operation);
  const failure = await runCommand(client, command, (inputs["stdin"] as string | undefined) ?? "", variables, output);
  await output.finish();
  if (failure !== undefined) {
    throw commandError(failure, command, output);
  }
  return { stdout: output.text("stdout"), stderr: output.text("stderr") };
};

/** Handler of `command:remote:Command`. */
export const remoteCommand: ResourceHandler = commandHandler(REMOTE_COMMAND, run);
