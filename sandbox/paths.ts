import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** Folder of the project: the one that holds Pulumi.yaml, found from this file and not from the working directory. */
export function projectDirectory(): string {
  return resolve(__dirname, "..");
}

/**
 * Folder for everything that is built or downloaded and can be shared by several sandboxes and clones.
 *
 * @returns `$HOMELAB_CACHE`, else `$XDG_CACHE_HOME/homelab`, else `~/.cache/homelab`. It may not exist yet.
 */
export function cacheDirectory(): string {
  const own = process.env.HOMELAB_CACHE;
  if (own) return resolve(own);
  const xdg = process.env.XDG_CACHE_HOME;
  return join(xdg ? resolve(xdg) : join(homedir(), ".cache"), "homelab");
}

/** Folder with the state of this one sandbox: `$HOMELAB_SANDBOX_DIR`, else `.sandbox` in the project. */
export function stateDirectory(): string {
  const own = process.env.HOMELAB_SANDBOX_DIR;
  return own ? resolve(own) : join(projectDirectory(), ".sandbox");
}

/** Folder with one log file for each step of the commands. `down` keeps it. */
export function logDirectory(): string {
  return join(stateDirectory(), "logs");
}

/**
 * Six hexadecimal digits that tell this sandbox from others on the same machine.
 *
 * Derived from the real path of the state directory, so that a symbolic link to a sandbox names the same one. It stays
 * the same when the folder does not exist yet: then the parent's real path counts.
 */
export function sandboxId(): string {
  return createHash("sha256").update(realPath(stateDirectory())).digest("hex").slice(0, 6);
}

/** Paths inside the state directory, by what they hold. */
export function statePaths() {
  const root = stateDirectory();
  return {
    root,
    logs: logDirectory(),
    hosts: join(root, "hosts"),
    services: join(root, "services"),
    internet: join(root, "internet"),
    acmeRoot: join(root, "acme-root.pem"),
    keys: join(root, "keys"),
    resolvConf: join(root, "client", "resolv.conf"),
    etcHosts: join(root, "client", "hosts"),
    kubeconfig: join(root, "kubeconfig"),
    passphrase: join(root, "passphrase"),
    pulumiHome: join(root, "pulumi-home"),
    pulumiState: join(root, "pulumi-state"),
    stackFile: join(root, "Pulumi.sandbox.yaml"),
    initialStackFile: join(root, "stack-init", "Pulumi.sandbox.yaml"),
    toolchain: join(root, "toolchain.json"),
    plugins: join(root, "plugins"),
    lock: join(root, "lock"),
  };
}

/** The stack file that a person edits: `$HOMELAB_SANDBOX_STACK_FILE`, else the project's Pulumi.sandbox.yaml. */
export function sourceStackFile(): string {
  const own = process.env.HOMELAB_SANDBOX_STACK_FILE;
  return own ? resolve(own) : join(projectDirectory(), "Pulumi.sandbox.yaml");
}

/** Creates a folder with its parents, readable by its owner only unless another mode is given, and returns its path. */
export function ensureDirectory(path: string, mode = 0o700): string {
  mkdirSync(path, { recursive: true, mode });
  return path;
}

function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), path.slice(parent.length).replace(/^\/+/, ""));
}
