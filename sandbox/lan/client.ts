import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { trackingDirectory } from "../machine/cgroups";
import { statePaths } from "../paths";
import { namespacePath } from "./network";

/** A command line that can be given to spawn or `run`. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Wraps a command so that it runs in the LAN's client: its network, its name server, no host names of the machine.
 *
 * Standard streams, working directory, environment and exit code are the command's own. The process is put into the
 * sandbox's control group, so that `down` finds it.
 *
 * @param nameServer Address of the only name server that the command knows. Default: the LAN's own, in the router.
 */
export function inClient(command: string, args: readonly string[], nameServer?: string): CommandLine {
  const paths = statePaths();
  const binds = [
    [nameServer === undefined ? paths.resolvConf : resolvConfOf(nameServer), "/etc/resolv.conf"],
    [paths.etcHosts, "/etc/hosts"],
    [join(dirname(paths.etcHosts), "nsswitch.conf"), "/etc/nsswitch.conf"],
  ];
  const script = [
    'echo $$ >"$1/cgroup.procs"; shift',
    // A dangling link in place of the file has nothing to bind over.
    ...binds.map(([file, target]) => `if [ -e ${target} ]; then mount --bind ${quote(file ?? "")} ${target}; fi`),
    'exec "$@"',
  ].join("\n");
  return wrap(namespacePath("client"), script, trackingDirectory("client"), command, args);
}

/** Wraps a long-running service of the LAN so that it runs in the router's network, in a control group of its own. */
export function inRouter(name: string, command: string, args: readonly string[]): CommandLine {
  const script = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"';
  return wrap(namespacePath("router"), script, trackingDirectory(join("services", name)), command, args);
}

/** A resolv.conf with that one name server, beside the client's usual one. */
function resolvConfOf(nameServer: string): string {
  const file = join(dirname(statePaths().resolvConf), `resolv.conf.${nameServer}`);
  writeFileSync(file, `nameserver ${nameServer}\n`);
  return file;
}

function wrap(netns: string, script: string, cgroup: string, command: string, args: readonly string[]): CommandLine {
  const shell = ["unshare", "--mount", "--propagation", "slave", "sh", "-euc", script, "sh", cgroup, command, ...args];
  return { command: "nsenter", args: [`--net=${netns}`, ...shell] };
}

/** Quotes a word for sh. */
export function quote(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
