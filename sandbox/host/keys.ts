import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDirectory, statePaths } from "../paths";
import { run } from "../process";

/** Kinds of host keys of a simulated host, like those that a real one makes at its first boot. */
const HOST_KEY_TYPES = ["ed25519", "ecdsa"] as const;

/** Folder of one host: disk, keys, network settings, console log. */
export function hostDirectory(name: string): string {
  return join(statePaths().hosts, name);
}

/** Folder with the ssh keys of a host, as they are on its disk. */
export function hostKeyDirectory(name: string): string {
  return join(hostDirectory(name), "keys");
}

/** A host's ed25519 key as config wants it, `ssh-ed25519 AAAA…`; undefined when its disk was not imaged yet. */
export function publicHostKey(name: string): string | undefined {
  const file = join(hostKeyDirectory(name), "ssh_host_ed25519_key.pub");
  if (!existsSync(file) || !existsSync(join(hostDirectory(name), "disk.img"))) return undefined;
  return readFileSync(file, "utf8").split(" ").slice(0, 2).join(" ").trim();
}

/** Makes new ssh keys for a host; those of an earlier disk must be gone. */
export async function makeHostKeys(name: string, logFile?: string): Promise<void> {
  ensureDirectory(hostKeyDirectory(name));
  for (const type of HOST_KEY_TYPES) {
    await generate(type, join(hostKeyDirectory(name), `ssh_host_${type}_key`), "root@raspberrypi", logFile);
  }
}

/** The key pair that user `pi` of every host accepts: generated once for each sandbox, and the stack's from then on. */
export async function ensureLoginKey(logFile?: string): Promise<{ privateFile: string; publicFile: string }> {
  const files = loginKeyFiles();
  if (!existsSync(files.publicFile)) await generate("ed25519", files.privateFile, "homelab-sandbox", logFile);
  return files;
}

/**
 * Puts another key in the place of the login key, for logins from now on and for cards that are imaged from now on. The one
 * before stays beside it as `id_ed25519.old`.
 *
 * @throws CommandError when it is no private key, and nothing is replaced.
 */
export async function replaceLoginKey(privateKey: string): Promise<void> {
  const { privateFile, publicFile } = loginKeyFiles();
  const fresh = `${privateFile}.new`;
  writeFileSync(fresh, privateKey, { mode: 0o600 });
  const publicKey = await run("ssh-keygen", ["-y", "-P", "", "-f", fresh]);
  if (existsSync(privateFile)) renameSync(privateFile, `${privateFile}.old`);
  writeFileSync(publicFile, publicKey);
  renameSync(fresh, privateFile);
}

function loginKeyFiles(): { privateFile: string; publicFile: string } {
  const privateFile = join(ensureDirectory(statePaths().keys), "id_ed25519");
  return { privateFile, publicFile: `${privateFile}.pub` };
}

/** Writes the known_hosts file of `sandbox ssh` for one host and returns its path. */
export function writeKnownHosts(name: string, address: string): string {
  const file = join(hostDirectory(name), "known_hosts");
  writeFileSync(file, `${address} ${publicHostKey(name) ?? ""}\n`);
  return file;
}

async function generate(type: string, file: string, comment: string, logFile?: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", comment, "-f", file], { logFile, input: "y\n" });
}
