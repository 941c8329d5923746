/** Reading of Pulumi.<stack>.yaml outside the Pulumi program, for day-2 operations. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { secretNames } from "./secrets";

/** A stack file that can't be read, with where and what to do. */
export class StackFileError extends Error {
  override readonly name = "StackFileError";
}

/**
 * Reads the structured part of the `homelab:` namespace from a stack file: section name (without prefix) to value.
 * Flat secrets are left out, encrypted or not; nothing is checked otherwise (`parseConfig` does).
 *
 * @throws StackFileError if the file is missing, is no YAML, has no `config:`, or something of ours beside it
 */
export function readStackFile(path: string): Record<string, unknown> {
  const file = parseYaml(path, read(path)) as { config?: unknown } | null;
  const config = file?.config;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new StackFileError(
      `${path}: found no mapping "config:"; write the stack's settings below it as in Pulumi.home.yaml`,
    );
  }
  const prefix = "homelab:";
  const misplaced = Object.keys(file ?? {}).find((key) => key.startsWith(prefix));
  if (misplaced !== undefined) {
    throw new StackFileError(
      `${path}: ${misplaced} is not below "config:", so that Pulumi ignores it; indent it by two`,
    );
  }
  const sections = Object.entries(config).filter(
    ([key]) => key.startsWith(prefix) && !secretNames.includes(key.slice(prefix.length)),
  );
  return Object.fromEntries(sections.map(([key, value]) => [key.slice(prefix.length), value as unknown]));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new StackFileError(`${path}: cannot be read (${code}); name an existing stack with --stack`);
  }
}

function parseYaml(path: string, text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line;
    // Only the first line: the rest of the parser's message repeats the file, which may hold key material.
    throw new StackFileError(
      `${path}${line ? `:${line}` : ""}: not YAML: ${error.message.split(/ at line |\n/)[0]}; correct it`,
    );
  }
  return document.toJS();
}
