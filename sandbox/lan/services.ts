import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  /** Text that the service reads only when it starts, for example its configuration. Default: none. */
  readonly restartOn?: string | undefined;
}

/** How long a service may take to fail at once, for example because its port is taken. */
const SETTLE_MS = 700;

/**
 * Starts the services that do not run, and those anew whose command or configuration is another than last time. One that
 * was stopped by hand stays so.
 *
 * @returns The names of those that stay stopped.
 * @throws UserError that names the log of a service that ends at once.
 */
export async function ensureServices(services: readonly LanService[]): Promise<readonly string[]> {
  const wanted = services.filter(({ name }) => !existsSync(stopMark(name)));
  await start(wanted);
  return services.filter((service) => !wanted.includes(service)).map(({ name }) => name);
}

/** Services that `up` has started so far, running or not. */
export function knownServices(): readonly string[] {
  const directory = statePaths().services;
  const files = existsSync(directory) ? readdirSync(directory) : [];
  return files.flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).sort();
}

/** Ends a service, which stays away until `startService`, whatever `up` does. @throws UserError when there is none. */
export async function stopService(name: string): Promise<void> {
  needService(name);
  writeFileSync(stopMark(name), "");
  await killGroup(group(name));
  await removeGroup(group(name));
}

/** Starts a service that was stopped, as it was. @throws UserError when there is none, or it ends at once. */
export async function startService(name: string): Promise<void> {
  needService(name);
  rmSync(stopMark(name), { force: true });
  await start([JSON.parse(readFileSync(recordOf(name), "utf8")) as LanService]);
}

async function start(services: readonly LanService[]): Promise<void> {
  const started = await Promise.all(services.map(ensureService));
  if (started.every((child) => child === undefined)) return;
  await sleep(SETTLE_MS);
  // On a slow machine some are not in their groups yet.
  const dead = services.filter((_, index) => hasEnded(started[index]));
  if (dead.length === 0) return;
  throw new UserError(dead.map(({ name }) => `The LAN's ${name} does not run; see ${logOf(name)}`).join("\n"));
}

/** True while a service of that name runs. */
export function isRunning(name: string): boolean {
  return processesOf(group(name)).length > 0;
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return child !== undefined && (child.exitCode !== null || child.signalCode !== null);
}

/** The service's process if it was started now, undefined if it runs as it should. */
async function ensureService({ name, command, restartOn }: LanService): Promise<ChildProcess | undefined> {
  ensureDirectory(statePaths().services);
  const record = recordOf(name);
  const text = JSON.stringify({ name, command, restartOn });
  if (isRunning(name)) {
    if (existsSync(record) && readFileSync(record, "utf8") === text) return undefined;
    await killGroup(group(name));
    await removeGroup(group(name));
  }
  const [program, ...args] = command;
  if (program === undefined) throw new Error(`the service ${name} has no command`);
  const line = inRouter(name, program, args);
  const output = openLog(logOf(name));
  const child = spawn(line.command, line.args, { detached: true, stdio: ["ignore", output, output], cwd: "/" });
  child.unref();
  closeSync(output);
  writeFileSync(record, text, { mode: 0o600 });
  return child;
}

function needService(name: string): void {
  const known = knownServices();
  if (known.includes(name)) return;
  const others = known.length === 0 ? "run npm run sandbox first" : `there are ${known.join(", ")}`;
  throw new UserError(`No service of the LAN is called ${JSON.stringify(name)}: ${others}.`);
}

/** What a service was started with. */
function recordOf(name: string): string {
  return join(statePaths().services, `${name}.json`);
}

/** File that says that someone has stopped the service on purpose. */
function stopMark(name: string): string {
  return join(statePaths().services, `${name}.stopped`);
}

function group(name: string): string {
  return join("services", name);
}

function logOf(name: string): string {
  return join(logDirectory(), `service-${name}.log`);
}
