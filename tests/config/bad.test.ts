import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../config/parse";
import { ConfigError, problemLine, type Problem } from "../../config/problems";
import { ruleNames } from "../../config/rules";
import { readStackFile } from "../../config/stack-file";

const folder = join(__dirname, "bad");
const files = readdirSync(folder);

/** `<rule>.yaml` or `<rule>.<variant>.yaml`. */
const ruleOf = (file: string): string => file.split(".")[0] ?? "";

function problemsOf(file: string): readonly Problem[] {
  try {
    parseConfig(readStackFile(join(folder, file)));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test.each(files)("%s is refused with exactly the problems that it expects", (file) => {
  const expected = [...readFileSync(join(folder, file), "utf8").matchAll(/^# expect: (.*)$/gm)].map(
    (match) => match[1],
  );
  const problems = problemsOf(file);
  expect(problems.map(problemLine)).toEqual(expected);
  expect(problems.map(({ rule }) => rule)).toContain(ruleOf(file));
});

test("every rule has a bad example, and every example a rule", () => {
  expect([...new Set(files.map(ruleOf))].sort()).toEqual([...ruleNames].sort());
  expect(new Set(ruleNames).size).toBe(ruleNames.length);
});
