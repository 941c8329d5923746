/** Problems of a configuration: collected, then reported together. */

/** One mistake: where it is, what was found there, and what to do about it. */
export interface Problem {
  /** Identifier of the rule that was broken; tests/config/bad and bad-secrets hold an example for each. */
  readonly rule: string;
  /** Path below the `homelab:` namespace, `hosts[2].address`. */
  readonly path: string;
  /** What was found, without secrets. */
  readonly found: string;
  /** What to do, as an instruction. */
  readonly remedy: string;
}

/** `hosts[2].address: found "192.0.2"; write an IPv4 address, such as 192.168.1.11`. */
export function problemLine(problem: Problem): string {
  return `${problem.path}: ${problem.found}; ${problem.remedy}`;
}

/** All mistakes of one configuration. The message has one line per problem after its heading. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const heading = `the stack's configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:`;
    super([heading, ...problems.map((problem) => `  ${problemLine(problem)}`)].join("\n"));
    this.problems = problems;
  }
}

/** Writes a path of keys and indexes as people read it: `hosts[2].labels.rack`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => {
      if (typeof part === "number") return `[${part}]`;
      const key = String(part);
      return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    })
    .join("")
    .replace(/^\./, "");
  return text === "" ? "homelab" : text;
}

/** Describes a found value in few characters. Text that may be key material is never repeated. */
export function foundText(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "found nothing (null)";
  if (Array.isArray(value)) return `found a list of ${value.length}`;
  if (typeof value === "object") return "found a mapping";
  if (typeof value !== "string") return `found ${JSON.stringify(value)}`;
  if (/PRIVATE KEY|BEGIN (?!CERTIFICATE)/.test(value)) return "found text that looks like a private key";
  if (value.includes("BEGIN ")) return "found PEM text";
  return `found ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)}`;
}
