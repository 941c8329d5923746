import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isMap, isScalar, parseDocument, type Document } from "yaml";
import { publicHostKey } from "../host/keys";
import { internetCa } from "../internet/files";
import { ensureDirectory, sourceStackFile, statePaths } from "../paths";
import { hostNode, readSandboxConfig, readStackDocument, type SandboxConfig } from "./read";

const TRUSTED_CAS = ["config", "homelab:trustedCAs"];

/** The effective stack file as it was written. */
export interface EffectiveStack {
  readonly path: string;
  readonly config: SandboxConfig;
  /** Hosts of the stack file that have no disk yet, so no host key either. */
  readonly withoutDisk: readonly string[];
}

/**
 * Writes the stack file that Pulumi reads in the sandbox: what a person edits, plus what only the sandbox can know.
 *
 * Each host that gives no `hostKey` gets that of its simulated disk; one that is given stays, right or wrong. The CA of
 * the sandbox's "internet" is trusted when a layer speaks to it, unless the file says itself who is trusted. Secrets
 * and the salt that Pulumi wrote into the effective file are kept. Nothing is written when nothing changed.
 *
 * @throws UserError when the source file is missing, no YAML, or cannot be simulated.
 */
export function renderEffectiveStack(): EffectiveStack {
  const paths = statePaths();
  const document = readStackDocument();
  const config = readSandboxConfig(document);
  const withoutDisk: string[] = [];
  config.hosts.forEach(({ name }, index) => {
    const key = publicHostKey(name);
    if (key === undefined) withoutDisk.push(name);
    const node = hostNode(document, index);
    if (key !== undefined && node !== undefined && !node.has("hostKey")) node.set("hostKey", key);
  });
  const ca = config.usesCloudflare ? internetCa() : undefined;
  if (ca !== undefined && !document.hasIn(TRUSTED_CAS)) document.setIn(TRUSTED_CAS, document.createNode([ca]));
  // A salt of the source belongs to another passphrase: this sandbox's was made with the stack.
  document.delete("encryptionsalt");
  const salt = readDocument(paths.initialStackFile)?.get("encryptionsalt");
  if (typeof salt === "string") document.set("encryptionsalt", salt);
  keepSecrets(readDocument(paths.stackFile), document);
  document.commentBefore = [
    ` Written by the sandbox from ${sourceStackFile()}: edit that file.`,
    document.commentBefore,
  ]
    .filter(Boolean)
    .join("\n");
  writeIfChanged(paths.stackFile, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  return { path: paths.stackFile, config, withoutDisk };
}

/** A secret of the effective stack file in its encrypted form; undefined when it was not set yet. */
export function encryptedSecret(key: string): string | undefined {
  const value = readDocument(statePaths().stackFile)?.getIn(["config", key, "secure"]);
  return typeof value === "string" ? value : undefined;
}

function readDocument(path: string): Document | undefined {
  return existsSync(path) ? parseDocument(readFileSync(path, "utf8")) : undefined;
}

function keepSecrets(previous: Document | undefined, next: Document): void {
  const config = previous?.get("config");
  if (!isMap(config)) return;
  for (const { key, value } of config.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (isMap(value) && value.has("secure") && !next.hasIn(["config", name])) next.setIn(["config", name], value);
  }
}

function writeIfChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  ensureDirectory(statePaths().root);
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, path);
}
