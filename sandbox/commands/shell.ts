import { spawn } from "node:child_process";
import { isIP } from "node:net";
import { constants } from "node:os";
import { ensureLoginKey, writeKnownHosts } from "../host/keys";
import { isPowered } from "../host/power";
import { inClient, type CommandLine } from "../lan/client";
import { pluggedMembers } from "../lan/network";
import { projectDirectory } from "../paths";
import { UserError } from "../progress";
import { followPrivateKey, refreshKubeconfig } from "../stack/deploy";
import { renderEffectiveStack } from "../stack/effective";
import { clientEnvironment } from "../stack/environment";
import { releaseStaleLocks } from "../stack/locks";
import type { SandboxHost } from "../stack/read";

/**
 * Runs a command in the sandbox's LAN, in the project's folder. The stack file is rendered first, so that an edit of it
 * counts at once. Nothing is printed to standard output but by the command itself.
 *
 * @param nameServer Address of the only name server that the command knows. Default: the LAN's own.
 * @returns The command's exit code.
 * @throws UserError when there is no LAN, or the name server is no address.
 */
export async function exec(command: readonly string[], nameServer?: string): Promise<number> {
  const [program, ...args] = command;
  if (program === undefined) throw new UserError("What shall be run? npm run sandbox -- exec -- COMMAND [ARGUMENT…]");
  if (nameServer !== undefined && isIP(nameServer) === 0) {
    throw new UserError(`--dns takes a name server's address, not ${JSON.stringify(nameServer)}.`);
  }
  needLan();
  const env = clientEnvironment();
  const { withoutDisk } = renderEffectiveStack();
  if (withoutDisk.length > 0) {
    process.stderr.write(`${withoutDisk.join(", ")}: no such host is simulated yet, npm run sandbox makes it.\n`);
  }
  if (program === "pulumi") {
    const dead = releaseStaleLocks(false);
    if (dead.length > 0) process.stderr.write(`Cancelled the stack lock of dead process ${dead.join(", ")}.\n`);
  } else {
    // A command that needs the file says itself that it is missing.
    await refreshKubeconfig().catch(() => undefined);
  }
  return followPrivateKey(() => attach(inClient(program, args, nameServer), env));
}

/**
 * Opens a shell on a host, or runs a command there, as user `pi`, with the host's key pinned.
 *
 * @returns The remote command's exit code, 255 when the host does not answer.
 * @throws UserError when the host has no power or no LAN.
 */
export async function ssh(host: SandboxHost, command: readonly string[]): Promise<number> {
  needLan();
  if (!isPowered(host.name)) throw new UserError(`${host.name} is off: npm run sandbox -- power-on ${host.name}`);
  const { privateFile } = await ensureLoginKey();
  const options = [
    ["BatchMode", "yes"],
    ["ConnectTimeout", "10"],
    ["IdentitiesOnly", "yes"],
    ["LogLevel", "ERROR"],
    ["ServerAliveInterval", "10"],
    ["StrictHostKeyChecking", "yes"],
    ["UserKnownHostsFile", `"${writeKnownHosts(host.name, host.address)}"`],
  ].flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const args = ["-F", "none", "-i", privateFile, ...options, `pi@${host.address}`, ...command];
  return attach(inClient("ssh", args), process.env);
}

function needLan(): void {
  if (!pluggedMembers().includes("client")) throw new UserError("There is no sandbox: run npm run sandbox first.");
}

/** Runs a command with this process's own streams; signals reach it too, and its end decides. */
function attach(line: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(line.command, line.args, { stdio: "inherit", env, cwd: projectDirectory() });
    // The terminal sends Ctrl-C to both: the command decides what it means.
    const ignore = () => undefined;
    const forward = () => child.kill("SIGTERM");
    process.on("SIGINT", ignore).on("SIGTERM", forward);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore).off("SIGTERM", forward);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
