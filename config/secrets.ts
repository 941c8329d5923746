/** Secrets are flat settings of the stack; inside structured sections they are refused. */
import { pathText, type Problem } from "./problems";

/** Flat secrets of the `homelab:` namespace; never part of the structured configuration. */
export const secretNames: readonly string[] = ["sshPrivateKey"];

/**
 * Finds encrypted values (`secure: …`) and private keys inside structured sections. Pulumi would treat the whole
 * section as secret, or lose its secrecy, depending on how it is read.
 */
export function secretProblems(raw: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof raw === "string") return raw.includes("PRIVATE KEY") ? [structuredSecret(path)] : [];
  if (typeof raw !== "object" || raw === null) return [];
  const entries: [PropertyKey, unknown][] = Array.isArray(raw) ? [...raw.entries()] : Object.entries(raw);
  if (!Array.isArray(raw) && entries.length === 1 && entries[0]?.[0] === "secure") return [structuredSecret(path)];
  return entries.flatMap(([key, value]) => secretProblems(value, [...path, key]));
}

/** The problem of a secret found at `path`. */
export function structuredSecret(path: readonly PropertyKey[]): Problem {
  return {
    rule: "structured-secret",
    path: pathText(path),
    found: "found a secret inside structured configuration",
    remedy: "remove it: secrets are flat settings of their own, such as homelab:sshPrivateKey",
  };
}
