/** Loading of the configuration inside the Pulumi program. */
import * as pulumi from "@pulumi/pulumi";
import { draftOf } from "./draft";
import { ConfigError, type Problem } from "./problems";
import { parseConfig } from "./parse";
import { secretKinds, secretNames, structuredSecret, type SecretKind } from "./secrets";
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
  const problems: Problem[] = [];
  for (const key of settingNames()) {
    if (secretNames.includes(key)) continue;
    if (isSecret(key)) problems.push(structuredSecret([key]));
    raw[key] = structured(settings.get(key));
  }
  const draft = draftOf(raw);
  const needed = secretKinds.filter((kind) => kind.isNeeded(draft));
  problems.unshift(...secretKinds.flatMap((kind) => flatSecretProblems(kind, needed.includes(kind))));
  const { config, warnings } = parseConfig(raw, problems);
  for (const warning of warnings) void pulumi.log.warn(warning);
  return Object.freeze({
    ...config,
    sshPrivateKey: settings.requireSecret("sshPrivateKey"),
    ...(needed.some(({ name }) => name === "cloudflareApiToken") && {
      cloudflareApiToken: settings.requireSecret("cloudflareApiToken"),
    }),
  });
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

function flatSecretProblems(kind: SecretKind, isNeeded: boolean): Problem[] {
  const problem = (found: string): Problem[] => [
    { rule: `secret-${kind.name}`, path: kind.name, found, remedy: kind.remedy },
  ];
  // Read from the engine's settings, since Config warns of a secret that is read as text.
  const value = pulumi.runtime.allConfig()[`${NAMESPACE}:${kind.name}`];
  if (value === undefined) return isNeeded ? problem("missing") : [];
  if (!isSecret(kind.name)) return problem("found in plain text");
  const fault = kind.fault(value);
  return fault === undefined ? [] : problem(fault);
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
