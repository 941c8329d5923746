/** `boot-media HOST`: writes what a freshly imaged card needs, so that the host's first boot is all that is left to do. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseConfig } from "../config/parse";
import { readStackFile } from "../config/stack-file";
import type { HomelabConfig } from "../config/types";
import { cloudInitFiles, commandLineWithMemory } from "./boot-media-files";
import { OperationError, type StackChoice } from "./command-line";
import { makeKeyPair, publicHalf } from "./key-pair";
import { privateKeyOf } from "./pulumi";

/** Where the kernel's command line is on a Pi's boot partition: the first that is there. Ubuntu's since 25.10, all others'. */
const COMMAND_LINES = ["current/cmdline.txt", "cmdline.txt"];

/**
 * Writes user-data, meta-data and network-config into a folder, usually the card's mounted boot partition, and switches
 * the memory control group on in its cmdline.txt.
 *
 * @param output folder; @default `./boot-media/HOST`
 * @param newHostKey makes the host's SSH key here, so that it can be pinned before the first boot
 * @returns what was done and what is left to do, for people
 * @throws OperationError if the stack has no such host, or the folder can't be written
 */
export async function bootMedia(
  stack: StackChoice,
  name: string,
  output: string | undefined,
  newHostKey: boolean,
): Promise<string> {
  const config = configForBoot(stack);
  const host = config.hosts.find((one) => one.name === name);
  if (host === undefined) {
    const known = config.hosts.map((one) => one.name).join(", ");
    throw new OperationError(`${stack.file}: found no host ${JSON.stringify(name)}; it has ${known}`);
  }
  const authorizedKey = publicHalf(await privateKeyOf(stack));
  const hostKey = newHostKey ? makeKeyPair() : undefined;
  const directory = resolve(output ?? join("boot-media", name));
  const files = cloudInitFiles({ host, config, authorizedKey, hostKey });
  const commandLine = COMMAND_LINES.map((file) => join(directory, file)).find((file) => existsSync(file));
  try {
    mkdirSync(directory, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeWhole(join(directory, file), text);
    if (commandLine !== undefined) writeWhole(commandLine, commandLineWithMemory(readFileSync(commandLine, "utf8")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperationError(`${directory}: cannot be written (${code}); name another folder with --output`);
  }
  return [
    `${relative(process.cwd(), directory) || "."}: written ${Object.keys(files).join(", ")}${commandLine === undefined ? "" : ", cmdline.txt"}`,
    ...(output === undefined ? ["copy them onto the card's boot partition"] : []),
    ...(commandLine === undefined
      ? ["no cmdline.txt there: the first `pulumi up` switches memory control on, with a reboot"]
      : []),
    ...(config.network.gateway?.ipv4 === undefined
      ? [`network.gateway.ipv4 is not set, so the host asks DHCP: have the router give it ${host.address}`]
      : []),
    hostKey === undefined
      ? `after its first boot: npm run homelab -- scan ${name}`
      : `put this into the stack file, in ${name}'s lines, before it boots:\n  hostKey: ${hostKey.publicKey}\n` +
        "its private half is in user-data and nowhere else: give the card to nobody",
  ].join("\n");
}

/** Boot media come before host keys: hosts that have none yet get one that no host has, for the checks' sake. */
function configForBoot(stack: StackChoice): HomelabConfig {
  const raw = readStackFile(stack.file);
  const hosts = Array.isArray(raw["hosts"]) ? raw["hosts"].map(withHostKey) : raw["hosts"];
  return parseConfig({ ...raw, hosts }).config;
}

function withHostKey(host: unknown, index: number): unknown {
  if (typeof host !== "object" || host === null || "hostKey" in host) return host;
  const type = "ssh-ed25519";
  const blob = Buffer.alloc(4 + type.length + 4 + 32);
  blob.writeUInt32BE(type.length, 0);
  blob.write(type, 4);
  blob.writeUInt32BE(32, 4 + type.length);
  blob.writeUInt32BE(index, blob.length - 4);
  return { ...host, hostKey: `${type} ${blob.toString("base64")}` };
}

/** As a whole or not at all, readable by its owner alone where the file system knows owners. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
