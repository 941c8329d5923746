/** Loading of the configuration inside the Pulumi program. */
import * as pulumi from "@pulumi/pulumi";
import { ConfigError, type Problem } from "./problems";
import { parseConfig } from "./parse";
import { secretNames, structuredSecret } from "./secrets";
import type { LoadedConfig } from "./types";

const NAMESPACE = "homelab";

/**
 * Reads the selected stack's `homelab:*` configuration, checks it as a whole and logs its warnings.
 *
 * @throws pulumi.RunError whose message lists every problem, one line each (a RunError is shown without a stack trace).
 */
export function loadConfig(): LoadedConfig {
  try {
    return load();
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

function load(): LoadedConfig {
  const settings = new pulumi.Config(NAMESPACE);
  const raw: Record<string, unknown> = {};
  const problems: Problem[] = flatSecretProblems();
  for (const key of settingNames()) {
    if (secretNames.includes(key)) continue;
    if (isSecret(key)) problems.push(structuredSecret([key]));
    raw[key] = structured(settings.get(key));
  }
  const { config, warnings } = parseConfig(raw, problems);
  for (const warning of warnings) void pulumi.log.warn(warning);
  return Object.freeze({ ...config, sshPrivateKey: settings.requireSecret("sshPrivateKey") });
}

/** The flat names that the stack sets in our namespace: all of them, so that a misspelt one is noticed. */
function settingNames(): string[] {
  return Object.keys(pulumi.runtime.allConfig())
    .filter((name) => name.startsWith(`${NAMESPACE}:`))
    .map((name) => name.slice(NAMESPACE.length + 1));
}

function isSecret(key: string): boolean {
  // The SDK has this function but leaves it out of its published types.
  const runtime = pulumi.runtime as unknown as { isConfigSecret(name: string): boolean };
  return runtime.isConfigSecret(`${NAMESPACE}:${key}`);
}

function flatSecretProblems(): Problem[] {
  const present = settingNames();
  return secretNames.flatMap((key): Problem[] => {
    const remedy = `run: pulumi config set --secret ${NAMESPACE}:${key} < ~/.ssh/id_ed25519`;
    if (!present.includes(key)) return [{ rule: "ssh-private-key", path: key, found: "missing", remedy }];
    if (isSecret(key)) return [];
    return [{ rule: "ssh-private-key", path: key, found: "found in plain text", remedy }];
  });
}

/** Structured settings reach the program as JSON text; anything else is left for the schema to judge. */
function structured(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
