/** `npm run homelab -- COMMAND`: day-2 commands. Each works on one stack and ends with 0 only if all is well. */
import { parseArgs } from "node:util";
import { ConfigError } from "../config/problems";
import { parseConfig } from "../config/parse";
import { readStackFile, StackFileError } from "../config/stack-file";
import type { HomelabConfig } from "../config/types";
import { bootMedia } from "./boot-media";
import { chooseStack, OperationError, type StackChoice } from "./command-line";
import { doctor } from "./doctor";
import { exitCodeOf, findingsText } from "./doctor-findings";
import { kubeconfigPath, readKubeconfig, writeKubeconfig } from "./kubeconfig";
import { routerSettings } from "./network";
import { settingsText } from "./network-text";
import { privateKeyOf } from "./pulumi";
import { scan, scanIsGood, scanTargets, scanText } from "./scan";
import { finishRotation } from "./ssh-key/finish";
import { rotateSshKey } from "./ssh-key/rotate";
import { status } from "./status";
import { reportText } from "./status-report";

const USAGE = `usage: npm run homelab -- COMMAND [options]

  boot-media HOST  write what goes on a freshly imaged card of that host into --output (the card's boot partition);
                   --new-host-key makes its SSH key in advance
  scan [HOST…]   show the SSH host keys of the stack's hosts, or of the hosts named (name or ADDRESS[:PORT])
  kubeconfig     write the cluster's kubeconfig to --output, else $KUBECONFIG, else ./kubeconfig
  doctor         look at hosts, cluster and layers, say what is wrong, why it matters and what to do; changes nothing
  status         show nodes, versions, etcd voters, who holds the API's address, and what each layer has
  rotate-ssh-key give the stack another SSH key and let it in on all hosts, then \`pulumi up\`; --finish, after that, takes the
                 old key off the hosts
  network        show what to set in the router: name server, addresses to keep free, port forwards; asks nobody

  --stack NAME   the stack to work on (default: $PULUMI_OPTION_STACK, $HOMELAB_STACK, home)
  --json         scan, doctor, status, network: print one JSON object
  --output PATH  kubeconfig: the file to write; --force replaces another cluster's
                 boot-media: the folder to write into (default: ./boot-media/HOST)
  --finish       rotate-ssh-key: its second half
  --help         this text

Exit code: 0 all is well, 1 something is wrong, 2 the command line is wrong, 3 doctor has warnings only.`;

const OPTIONS = {
  stack: { type: "string" },
  json: { type: "boolean", default: false },
  output: { type: "string" },
  force: { type: "boolean", default: false },
  "new-host-key": { type: "boolean", default: false },
  finish: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Commands that are told hosts. */
const TAKES_HOSTS: readonly string[] = ["boot-media", "scan"];

type Options = ReturnType<typeof parse>["values"];

/** The commands; each prints its result and returns its exit code. */
const COMMANDS: Readonly<Record<string, (stack: StackChoice, options: Options, names: string[]) => Promise<number>>> = {
  scan: async (stack, options, names) => {
    const results = await Promise.all(scanTargets(stack, names).map(scan));
    print(options.json ? JSON.stringify({ hosts: results }, undefined, 2) : scanText(results));
    return scanIsGood(results) ? 0 : 1;
  },
  "boot-media": async (stack, options, [host, ...others]) => {
    if (host === undefined || others.length > 0) throw new UsageError("boot-media takes the name of one host");
    print(await bootMedia(stack, host, options.output, options["new-host-key"]));
    return 0;
  },
  kubeconfig: async (stack, options) => {
    const path = kubeconfigPath(options.output);
    const change = writeKubeconfig(path, await readKubeconfig(stack), options.force);
    print(`${path}: ${change}; use it with: export KUBECONFIG=${path}`);
    return 0;
  },
  status: async (stack, options) => {
    const result = await status(configOf(stack), await privateKeyOf(stack));
    print(options.json ? JSON.stringify(result, undefined, 2) : reportText(result));
    return result.problems.length === 0 ? 0 : 1;
  },
  "rotate-ssh-key": async (stack, options) => {
    if (!options.finish) {
      print(await rotateSshKey(stack, configOf(stack)));
      return 0;
    }
    const { text, complete } = await finishRotation(stack, configOf(stack));
    print(text);
    return complete ? 0 : 1;
  },
  network: (stack, options) => {
    const settings = routerSettings(configOf(stack));
    print(options.json ? JSON.stringify(settings, undefined, 2) : settingsText(settings));
    return Promise.resolve(0);
  },
  doctor: async (stack, options) => {
    const findings = await doctor(configOf(stack), await privateKeyOf(stack), () => readKubeconfig(stack));
    print(options.json ? JSON.stringify({ findings }, undefined, 2) : findingsText(findings));
    return exitCodeOf(findings);
  },
};

function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true });
}

/** The stack's checked configuration; its warnings go to standard error. */
function configOf(stack: StackChoice): HomelabConfig {
  const { config, warnings } = parseConfig(readStackFile(stack.file));
  for (const warning of warnings) console.error(`warning: ${warning}`);
  return config;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Runs one command.
 *
 * @returns exit code
 */
export async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const [name = "", ...names] = positionals;
    if (values.help) {
      print(USAGE);
      return 0;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(name === "" ? "no command given" : `unknown command ${JSON.stringify(name)}`);
    if (names.length > 0 && !TAKES_HOSTS.includes(name))
      throw new UsageError(`${name} takes no ${JSON.stringify(names[0])}`);
    return await command(chooseStack(values.stack), values, names);
  } catch (error) {
    if (isUsage(error)) {
      console.error(`homelab: ${error.message}\n\n${USAGE}`);
      return 2;
    }
    if (!isExplained(error)) throw error;
    console.error(`homelab: ${error.message}`);
    return 1;
  }
}

class UsageError extends Error {}

function isUsage(error: unknown): error is Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return error instanceof UsageError || (code?.startsWith("ERR_PARSE_ARGS") ?? false);
}

function isExplained(error: unknown): error is Error {
  return error instanceof OperationError || error instanceof StackFileError || error instanceof ConfigError;
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
