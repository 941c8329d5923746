/** The `command` plugin, after pulumi-command 1.2.1. */
import { copyToRemoteHandler } from "./command/copy";
import { localCommand, localRun } from "./command/local";
import { remoteCommand } from "./command/remote";
import { Plugin } from "./operation";
import { servePlugin } from "./serve";

/** Resources and functions by token. */
export const commandPlugin: Plugin = {
  name: "command",
  version: "1.2.1",
  acceptSecrets: true,
  resources: {
    "command:remote:Command": remoteCommand,
    "command:remote:CopyToRemote": copyToRemoteHandler,
    "command:local:Command": localCommand,
  },
  functions: { "command:local:run": localRun },
};

if (require.main === module) {
  void servePlugin(commandPlugin, process.argv.slice(2));
}
