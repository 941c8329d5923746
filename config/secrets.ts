/** Secrets are flat settings of the stack; inside structured sections they are refused. */
import type { Draft } from "./draft";
import { privateKeyFault } from "./private-key";
import { pathText, type Problem } from "./problems";

/** What is known of a flat secret. */
export interface SecretKind {
  readonly name: string;
  /** Shown by editors. */
  readonly description: string;
  /** How to set it. */
  readonly remedy: string;
  /** Whether the configuration can't do without it. */
  isNeeded(draft: Draft): boolean;
  /** What is wrong with the value, if something is; never the value itself. */
  fault(value: string): string | undefined;
}

const sshPrivateKey: SecretKind = {
  name: "sshPrivateKey",
  description:
    "Private SSH key for the hosts, without a passphrase: pulumi config set --secret homelab:sshPrivateKey < ~/.ssh/id_ed25519",
  remedy:
    "run: pulumi config set --secret homelab:sshPrivateKey < ~/.ssh/id_ed25519, with a key that has no passphrase " +
    "(a new one: ssh-keygen -t ed25519 -N '' -f ~/.ssh/homelab)",
  isNeeded: () => true,
  fault: privateKeyFault,
};

/**
 * Either 40 characters, or (since 2026) `cfut_` or `cfat_`, 40 characters and a checksum:
 * https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/
 */
const CLOUDFLARE_TOKEN = /^(?!cfk_)[A-Za-z0-9_-]{40,80}$/;

const cloudflareApiToken: SecretKind = {
  name: "cloudflareApiToken",
  description:
    "Cloudflare API token with Zone Read and DNS Edit for the domain's zone: pulumi config set --secret homelab:cloudflareApiToken",
  remedy:
    "make an API token with Zone Read and DNS Edit for your zone (dash.cloudflare.com, My Profile, API Tokens), " +
    "run: pulumi config set --secret homelab:cloudflareApiToken, and paste it when asked",
  isNeeded: ({ issuer, addressSources }) =>
    issuer === "staging" || issuer === "production" || addressSources !== undefined,
  fault: (value) =>
    CLOUDFLARE_TOKEN.test(value)
      ? undefined
      : `found ${value.length} characters that are no API token (40 or more letters, digits, - and _; not the Global API Key)`,
};

/** Flat secrets of the `homelab:` namespace; never part of the structured configuration. */
export const secretKinds: readonly SecretKind[] = [sshPrivateKey, cloudflareApiToken];
export const secretNames: readonly string[] = secretKinds.map(({ name }) => name);

/** Key material as it is copied from files and web pages. */
const KEY_MATERIAL = /PRIVATE KEY|\bcf(ut|at|k)_[A-Za-z0-9]{40}/;

/**
 * Finds encrypted values (`secure: …`), private keys and tokens inside structured sections. Pulumi would treat the whole
 * section as secret, or lose its secrecy, depending on how it is read.
 */
export function secretProblems(raw: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof raw === "string") return KEY_MATERIAL.test(raw) ? [structuredSecret(path)] : [];
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
