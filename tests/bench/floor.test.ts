import { spawnSync } from "node:child_process";
import { floorTexts } from "../../bench/floor/texts";
import { dualStackHome, host } from "../support/homes";

const TOKEN = "the-token-of-this-cluster";
const config = dualStackHome(host(1), host(2), host(3));
const one = config.hosts[0] ?? host(1);
const { prepare, start } = floorTexts(one, config, TOKEN);

test.each(Object.entries({ prepare, start }))("%s is a script that bash can read", (_, text) => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test.each(Object.entries({ prepare, start }))("%s is sound shell", (_, text) => {
  // SC2034: a shared file sets names that not every script uses.
  const options = ["--shell=bash", "--severity=warning", "--exclude=SC2034", "-"];
  const check = spawnSync("shellcheck", options, { input: text, encoding: "utf8" });
  expect(check.error).toBeUndefined();
  expect(check.stdout).toBe("");
});

/** Names that a script calls by `step`, and those that it has texts for. */
const DECLARED = /^(?:declare -A steps=\()?\[([a-z0-9-]+)\]=/gm;

test("every step that is called has its text, and every text is called", () => {
  const declared = (text: string): string[] => [...text.matchAll(DECLARED)].map(([, name = ""]) => name).sort();
  const called = (text: string): string[] => {
    const own = text.slice(text.lastIndexOf("step() {")).replaceAll(/^ *#.*$/gm, "");
    const lists = [...own.matchAll(/for name in ([a-z0-9 -]+);/g)].flatMap(([, names = ""]) => names.split(" "));
    const single = [...own.matchAll(/(?:^|[ ;])step ([a-z0-9-]+)|steps\[([a-z0-9-]+)\]/gm)].map(
      ([, a, b]) => a ?? b ?? "",
    );
    const upkeep = /^upkeep=\((.*)\)$/m.exec(text)?.[1]?.split(" ").filter(Boolean) ?? [];
    return [...lists, ...single, ...upkeep].filter((name) => name !== "").sort();
  };
  expect(declared(prepare)).toEqual(called(prepare));
  expect(declared(start)).toEqual(called(start));
});

test("the token is in the text that goes in by standard input, once, and not in the other", () => {
  expect(prepare.split(TOKEN)).toHaveLength(2);
  expect(start).not.toContain(TOKEN);
});

test("it has each file of the program as the program renders it", () => {
  for (const part of [
    "secrets-encryption: true",
    "shutdownGracePeriod",
    "ListenStream=6442",
    "net.ipv4.ip_forward = 1",
  ]) {
    expect(prepare).toContain(part);
  }
  expect(start).toContain("vrrp_instance api_ipv4");
});
