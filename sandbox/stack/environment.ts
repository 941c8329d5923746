import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { ensureDirectory, statePaths } from "../paths";
import { UserError } from "../progress";
import { languageHostEnvironment } from "../toolchain/language-host";

/** Where the tools are, as the last `up` found or built them. */
export interface ToolPaths {
  /** Folders with pulumi, its language host, plugins and kubectl, first one first. */
  readonly directories: readonly string[];
  readonly how: string;
}

/** Name of the stack that the sandbox brings up. */
export const STACK = "sandbox";

/** Proxies lead out of the LAN, and there is no way out of it. */
const PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]);

/** Remembers the tools' folders for commands that do not look for them. */
export function rememberTools(tools: ToolPaths): void {
  writeFileSync(statePaths().toolchain, JSON.stringify(tools));
}

/** The tools that `up` remembered. @throws UserError when there was no `up` yet. */
export function rememberedTools(): ToolPaths {
  const file = statePaths().toolchain;
  if (!existsSync(file)) throw new UserError("There is no sandbox yet: run npm run sandbox first.");
  return JSON.parse(readFileSync(file, "utf8")) as ToolPaths;
}

/**
 * The environment of commands in the LAN: this process's, with the sandbox's tools, kubeconfig and Pulumi state.
 *
 * `PULUMI_OPTION_CONFIG_FILE` is how the CLI takes `--config-file` from the environment.
 */
export function clientEnvironment(): NodeJS.ProcessEnv {
  const paths = statePaths();
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of PROXIES) delete env[name];
  // The user's own would come before the sandbox's file.
  delete env.PULUMI_CONFIG_PASSPHRASE;
  return {
    ...env,
    PATH: [...rememberedTools().directories, env.PATH].join(delimiter),
    KUBECONFIG: paths.kubeconfig,
    PULUMI_HOME: ensureDirectory(paths.pulumiHome),
    PULUMI_BACKEND_URL: `file://${ensureDirectory(paths.pulumiState)}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: ensurePassphrase(),
    PULUMI_OPTION_CONFIG_FILE: paths.stackFile,
    // `pulumi stack rm` knows no --config-file and would delete the file that a person edits.
    PULUMI_OPTION_PRESERVE_CONFIG: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    HOMELAB_SANDBOX_DIR: paths.root,
    ...languageHostEnvironment(),
  };
}

/** Nobody has to type the passphrase of a sandbox's secrets: it is random and readable by root only. */
function ensurePassphrase(): string {
  const file = statePaths().passphrase;
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return file;
}
