/** Flat secrets, which only the program sees. In these files `secure` holds what the engine would have decrypted. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { loadConfig } from "../../config/load";
import { secretNames } from "../../config/secrets";

const folder = join(__dirname, "bad-secrets");
const files = readdirSync(folder);

/** Hands a stack file over as the engine does: text, JSON for structured settings, and the names of the secret ones. */
function select(text: string): void {
  const { config } = parse(text) as { config: Record<string, unknown> };
  const secure = (value: unknown): string | undefined => (value as { secure?: string }).secure;
  const textOf = (value: unknown): string =>
    typeof value === "string" ? value : (secure(value) ?? JSON.stringify(value));
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([name, value]) => [name, textOf(value)])),
    Object.keys(config).filter((name) => secure(config[name]) !== undefined),
  );
}

test.each(files)("%s is refused with exactly the problems that it expects", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  select(text);
  const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map((match) => `  ${match[1]}`);
  expect(expected).not.toEqual([]);
  let message = "";
  try {
    loadConfig();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.split("\n").slice(1)).toEqual(expected);
});

test("every secret has a bad example in plain text and one of wrong form", () => {
  const examples = (name: string): number => files.filter((file) => file.startsWith(`${name}.`)).length;
  for (const name of secretNames) {
    expect(files).toContain(`${name}.plain.yaml`);
    expect(examples(name)).toBeGreaterThan(1);
  }
});
