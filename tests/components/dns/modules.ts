/** Loads the updater's ES modules into a test: jest itself takes no ES module without a switch of Node.js. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as ts from "typescript";

export const UPDATER = join(__dirname, "../../../components/dns/updater");

const builtin = createRequire(__filename);

/** Exports of a module of the updater, `plan.mjs`; each call loads it and what it imports anew. */
export function load<Exports>(file: string): Exports {
  const { outputText } = ts.transpileModule(readFileSync(join(UPDATER, file), "utf8"), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported = {};
  const required = (name: string): unknown => (name.startsWith("./") ? load(name) : builtin(name));
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function("exports", "require", outputText)(exported, required);
  return exported as Exports;
}
