import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../sandbox/progress";
import type { Machine } from "./machine";
import type { Findings, Part } from "./part";

/** What a run leaves. */
export interface Results extends Findings {
  /** ISO 8601, UTC: when it began. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  /** Names of the parts that ran. */
  readonly parts: readonly string[];
}

/** The parts of these names in their own order; without a name all. @throws UserError naming an unknown one */
export function chosen(parts: readonly Part[], names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    const list = parts.map(({ name, what }) => `  ${name.padEnd(18)}${what}`).join("\n");
    throw new UserError(`No part is called ${unknown.join(", ")}. There are\n${list}`);
  }
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
}

/** Findings of several parts as one. @throws Error if two have measured something under the same name */
export function merge(findings: readonly Findings[]): Findings {
  const join = <T>(records: readonly Readonly<Record<string, T>>[]): Record<string, T> => {
    const entries = records.flatMap((record) => Object.entries(record));
    const twice = entries.find(([name], index) => entries.findIndex(([other]) => other === name) < index);
    if (twice !== undefined) throw new Error(`${twice[0]} was measured twice`);
    return Object.fromEntries(entries);
  };
  return {
    samples: join(findings.map(({ samples }) => samples)),
    ratios: join(findings.map(({ ratios }) => ratios)),
  };
}

/** Writes `latest.json`, and returns its path. */
export async function write(results: Results): Promise<string> {
  const file = path.join(__dirname, "results", "latest.json");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  // Loaded here, since jest cannot load it and the rest of this file needs no formatter.
  const { format } = await import("prettier");
  fs.writeFileSync(file, await format(JSON.stringify(results), { parser: "json", printWidth: 120 }));
  return file;
}
