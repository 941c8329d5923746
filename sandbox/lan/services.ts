import { spawn } from "node:child_process";
import { closeSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { killGroup, processesOf, removeGroup } from "../machine/cgroups";
import { ensureDirectory, logDirectory, statePaths } from "../paths";
import { openLog } from "../process";
import { UserError } from "../progress";
import { inRouter } from "./client";

/** A long-running process of the LAN, for example its name server. */
export interface LanService {
  readonly name: string;
  /** Program and arguments; run inside the router's namespace as root. */
  readonly command: readonly string[];
}

/** How long a service may take to fail at once, for example because its port is taken. */
const SETTLE_MS = 700;

/**
 * Starts the services that do not run, and those anew whose command is another than last time.
 *
 * @throws UserError that names the log of a service that ends at once.
 */
export async function ensureServices(services: readonly LanService[]): Promise<void> {
  const started = await Promise.all(services.map(ensureService));
  if (!started.includes(true)) return;
  await sleep(SETTLE_MS);
  const dead = services.filter((service) => !isRunning(service.name));
  if (dead.length === 0) return;
  throw new UserError(dead.map(({ name }) => `The LAN's ${name} does not run; see ${logOf(name)}`).join("\n"));
}

/** True while a service of that name runs. */
export function isRunning(name: string): boolean {
  return processesOf(group(name)).length > 0;
}

async function ensureService({ name, command }: LanService): Promise<boolean> {
  const record = join(ensureDirectory(statePaths().services), `${name}.json`);
  const text = JSON.stringify(command);
  if (isRunning(name)) {
    if (existsSync(record) && readFileSync(record, "utf8") === text) return false;
    await killGroup(group(name));
    await removeGroup(group(name));
  }
  const [program, ...args] = command;
  if (program === undefined) throw new Error(`the service ${name} has no command`);
  const line = inRouter(name, program, args);
  const output = openLog(logOf(name));
  spawn(line.command, line.args, { detached: true, stdio: ["ignore", output, output], cwd: "/" }).unref();
  closeSync(output);
  writeFileSync(record, text);
  return true;
}

function group(name: string): string {
  return join("services", name);
}

function logOf(name: string): string {
  return join(logDirectory(), `service-${name}.log`);
}
