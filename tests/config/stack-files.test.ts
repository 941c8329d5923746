import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaPath, stackSchemaText } from "../../config/json-schema";
import { readStackFile } from "../../config/stack-file";

const folder = mkdtempSync(join(tmpdir(), "stack-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, "Pulumi.test.yaml");
  writeFileSync(path, text);
  return path;
}

test("config/stack.schema.json is what `npm run config:schema` writes", () => {
  expect(readFileSync(join(__dirname, "../..", schemaPath), "utf8")).toBe(stackSchemaText());
});

test("the JSON Schema refuses unknown settings of ours and leaves other namespaces alone", () => {
  const { config } = (JSON.parse(stackSchemaText()) as { properties: { config: { patternProperties: object } } })
    .properties;
  const [pattern = ""] = Object.keys(config.patternProperties);
  const refused = (key: string): boolean => new RegExp(pattern).test(key);
  expect(["homelab:host", "homelab:hostss", "homelab:x"].map(refused)).toEqual([true, true, true]);
  const taken = [
    "homelab:hosts",
    "homelab:ingress",
    "homelab:sshPrivateKey",
    "homelab:cloudflareApiToken",
    "pulumi:tags",
  ];
  expect(taken.filter(refused)).toEqual([]);
});

test("a stack file gives our structured settings and no secret", () => {
  const text =
    "encryptionsalt: v1:x\nconfig:\n  pulumi:tags: {}\n  homelab:domain: home.test\n" +
    "  homelab:sshPrivateKey:\n    secure: v1:abc\n  homelab:cloudflareApiToken: plain\n  homelab:hosts:\n    - name: pi1\n";
  expect(readStackFile(file(text))).toEqual({ domain: "home.test", hosts: [{ name: "pi1" }] });
});

test.each([
  ["config: [unclosed", /Pulumi\.test\.yaml:1: not YAML: /],
  ["encryptionsalt: v1:x", /found no mapping "config:"/],
  ["", /found no mapping "config:"/],
  ["config: {}\nhomelab:versions: {}", /homelab:versions is not below "config:".*indent it/],
])("refuses %p in one line", (text, message) => {
  expect(() => readStackFile(file(text))).toThrow(message);
});

test("says so if there is no such file", () => {
  expect(() => readStackFile(join(folder, "Pulumi.none.yaml"))).toThrow(
    /Pulumi\.none\.yaml: cannot be read \(ENOENT\); name an existing/,
  );
});
