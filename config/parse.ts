/** From raw structured configuration to the frozen, typed one, or to the list of all its problems. */
import { draftOf } from "./draft";
import { normalise } from "./normalise";
import { ConfigError, type Problem } from "./problems";
import { rules, warningsOf } from "./rules";
import { homelabSchema } from "./schema";
import { schemaProblems } from "./schema-problems";
import { secretProblems } from "./secrets";
import type { HomelabConfig } from "./types";

/** A checked configuration and what deserves a second look in it. */
export interface ParsedConfig {
  readonly config: HomelabConfig;
  readonly warnings: string[];
}

/**
 * Checks the whole `homelab:` namespace (keys without prefix, secrets excluded), fills defaults and freezes the result.
 *
 * @param raw mapping of section name to value, as read from the stack
 * @param known problems that the caller found already; they are reported together with ours
 * @throws ConfigError with every problem
 */
export function parseConfig(raw: unknown, known: readonly Problem[] = []): ParsedConfig {
  const result = homelabSchema.safeParse(raw, { reportInput: true });
  const draft = draftOf(raw);
  const secrets = [...known, ...secretProblems(raw)];
  // What else is wrong at or below a misplaced secret follows from its being there.
  const isNoise = ({ path }: Problem): boolean => secrets.some((secret) => path.startsWith(secret.path));
  const problems = [
    ...secrets,
    ...(result.success ? [] : schemaProblems(result.error.issues, homelabSchema).filter((found) => !isNoise(found))),
    ...rules.flatMap((rule) => rule.check(draft).map((problem) => ({ rule: rule.name, ...problem }))),
  ];
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return { config: deepFreeze(normalise(result.data)), warnings: warningsOf(draft) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
