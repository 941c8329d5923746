import { parseArgs } from "node:util";
import { down } from "./commands/down";
import { publicAddress, service } from "./commands/internet";
import { exec, ssh } from "./commands/shell";
import { formatStatus, readStatus } from "./commands/status";
import { needDisk } from "./host/disk";
import { isPowered, powerOff, powerOn, waitForSsh } from "./host/power";
import { lanAddresses } from "./lan/addresses";
import { ensureLan } from "./lan/network";
import { withLock } from "./machine/lock";
import { CommandError } from "./process";
import { Progress, UserError } from "./progress";
import { findHost, readSandboxConfig, type SandboxHost } from "./stack/read";

const USAGE = `npm run sandbox [-- COMMAND]

  up [--no-deploy]          make what is missing, then run the program (default command);
                            --no-deploy: hosts and LAN only
  status [--json]           hosts, power, readiness, who holds the API's address
  ssh NAME [-- COMMAND…]    a shell or a command on a host, as user pi
  exec [--dns ADDRESS] -- COMMAND…
                            a command inside the LAN, with kubectl, pulumi and their settings;
                            --dns: that name server is the only one that it knows
  power-off NAME            take the power away: silence, no goodbye
  power-on NAME             give it back
  reboot NAME               power-off and power-on (a clean reboot: ssh NAME -- sudo reboot)
  reimage NAME              put a fresh card into the host: new disk, new host key
  service [stop|start NAME]  the services of the LAN; one that was stopped stays so when up runs
  public-address [--source NAME] [ADDRESS…]
                            what the sources of the home's public address answer: an address, or down
  down                      end all that the sandbox started and remove its state; logs and cache stay
`;

interface Arguments {
  readonly command: string;
  readonly names: readonly string[];
  readonly options: {
    readonly json?: boolean;
    readonly "no-deploy"?: boolean;
    readonly dns?: string;
    readonly source?: string;
  };
  /** What stands behind `--`. */
  readonly rest: readonly string[];
}

/** What every command is: its exit code. */
type Command = (args: Arguments, progress: Progress) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  up: async ({ options }, progress) => {
    // Loaded here because the other commands must answer quickly and on machines where nothing is built yet.
    const { up } = await import("./commands/up");
    await withLock("up", () => up(progress, { deploy: options["no-deploy"] !== true }));
    return 0;
  },
  status: async ({ options }) => {
    const status = await readStatus();
    process.stdout.write(`${options.json === true ? JSON.stringify(status, null, 2) : formatStatus(status)}\n`);
    return 0;
  },
  ssh: (args) => ssh(oneHost(args), args.rest),
  exec: ({ rest, names, options }) => exec([...names, ...rest], options.dns),
  "power-off": async (args, progress) => {
    const [name = "", ...others] = args.names;
    // A host that has left the stack file still has its power.
    if (others.length === 0 && /^[a-z0-9-]+$/.test(name) && isPowered(name)) {
      await powerOff(name);
      progress.note(`${name} is off.`);
      return 0;
    }
    return power(args, progress, { off: true, on: false });
  },
  "power-on": (args, progress) => power(args, progress, { off: false, on: true }),
  reboot: (args, progress) => power(args, progress, { off: true, on: true }),
  reimage: async (args, progress) => {
    const host = oneHost(args);
    const { reimage } = await import("./commands/up");
    await withLock("reimage", () => reimage(progress, readSandboxConfig(), host));
    return 0;
  },
  service: ({ names }) => service(names),
  "public-address": ({ names, options }) => publicAddress(options.source, names),
  down: async (_, progress) => {
    await down(progress);
    return 0;
  },
  help: () => {
    process.stdout.write(USAGE);
    return Promise.resolve(0);
  },
};

async function power(args: Arguments, progress: Progress, want: { off: boolean; on: boolean }): Promise<number> {
  const host = oneHost(args);
  if (want.off) {
    const was = isPowered(host.name);
    await powerOff(host.name);
    progress.note(was ? `${host.name} is off.` : `${host.name} was off already.`);
  }
  if (want.on) {
    needDisk(host.name);
    await ensureLan(lanAddresses(readSandboxConfig()));
    await progress.step(`Power on ${host.name}`, async () => {
      await powerOn(host.name);
      await waitForSsh(host);
    });
  }
  return 0;
}

function oneHost({ command, names }: Arguments): SandboxHost {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new UserError(`${command} takes one host's name.\n\n${USAGE}`);
  return findHost(readSandboxConfig(), name);
}

function parse(argv: readonly string[]): Arguments {
  const separator = argv.indexOf("--");
  const head = separator < 0 ? argv : argv.slice(0, separator);
  const options = {
    json: { type: "boolean" },
    "no-deploy": { type: "boolean" },
    dns: { type: "string" },
    source: { type: "string" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...head], options, allowPositionals: true });
    const [command = "up", ...names] = values.help === true ? ["help"] : positionals;
    return { command, names, options: values, rest: separator < 0 ? [] : argv.slice(separator + 1) };
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

async function main(): Promise<number> {
  const progress = new Progress();
  try {
    const args = parse(process.argv.slice(2));
    const command = Object.hasOwn(COMMANDS, args.command) ? COMMANDS[args.command] : undefined;
    if (command === undefined) throw new UserError(`${args.command} is no command.\n\n${USAGE}`);
    return await command(args, progress);
  } catch (error) {
    if (!progress.wasReported(error)) process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

/** A user's mistake or a failed tool needs no stack trace; anything else is a defect of ours and gets one. */
function describe(error: unknown): string {
  if (error instanceof UserError || error instanceof CommandError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

void main().then((code) => {
  process.exitCode = code;
});
