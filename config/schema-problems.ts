/** Turns the schema's findings into problems that name what was found and what to do. */
import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { foundText, pathText, type Problem } from "./problems";
import { fieldRuleOf } from "./remedies";

/** One problem per finding; an unknown key gets the nearest known one suggested. */
export function schemaProblems(issues: readonly z.core.$ZodIssue[], schema: z.ZodType): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownKey([...issue.path, key], key, knownKeys(schema, issue.path)));
    }
    if (issue.code === "invalid_key") return issue.issues.map((inner) => keyProblem(issue.path, inner));
    return [fieldProblem(issue)];
  });
}

function fieldProblem(issue: z.core.$ZodIssue): Problem {
  const rule = issue.code === "custom" ? (issue.params?.["rule"] as unknown) : undefined;
  const missing = issue.code !== "custom" && issue.input === undefined;
  return {
    rule: missing ? "missing" : typeof rule === "string" ? rule : (fieldRuleOf(issue.message) ?? issue.code),
    path: pathText(issue.path),
    found: foundText(issue.input),
    remedy: issue.message,
  };
}

function keyProblem(path: readonly PropertyKey[], issue: z.core.$ZodIssue): Problem {
  return {
    rule: fieldRuleOf(issue.message) ?? "unknown-key",
    path: pathText(path.slice(0, -1)),
    found: `found the key ${JSON.stringify(path.at(-1))}`,
    remedy: issue.message,
  };
}

function unknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): Problem {
  const nearest = known.length > 0 ? closest(key, known) : "";
  const near = nearest !== "" && distance(key.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, key.length / 3);
  return {
    rule: "unknown-key",
    path: pathText(path),
    found: "unknown key",
    remedy: near ? `did you mean ${nearest}?` : `remove it; known here: ${known.join(", ")}`,
  };
}

/** Keys of the object schema at a place of the configuration. */
function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return knownKeys(inner.element, path.slice(1));
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Record<string, z.core.$ZodType>;
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(shape);
  const next = shape[String(key)];
  return next ? knownKeys(next, rest) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap());
  }
  return schema;
}
