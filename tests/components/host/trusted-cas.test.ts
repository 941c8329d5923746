import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { trustedCAsScript } from "../../../components/host/steps";

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-cas-"));
  for (const folder of ["local", "etc"]) fs.mkdirSync(path.join(directory, folder));
});
afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

const local = (): string[] => fs.readdirSync(path.join(directory, "local")).sort();
const inEffect = (): string[] => fs.readdirSync(path.join(directory, "etc")).sort();

/** Runs the step with the system's folders replaced, and with what Debian's update-ca-certificates does to them. */
function run(
  trustedCAs: readonly string[],
  update = "link",
): { updates: number; stderr: string; status: number | null } {
  const tools = [
    "take_lock() { :; }",
    "update-ca-certificates() {",
    `  echo updated >>'${directory}/updates'`,
    ...(update === "link"
      ? [
          `  find '${directory}/etc' -type l -delete`,
          `  for crt in '${directory}/local'/*.crt; do [ ! -e "$crt" ] || ln -s "$crt" '${directory}/etc'/"$(basename "$crt" .crt).pem"; done`,
        ]
      : ["  return 1"]),
    "}",
  ].join("\n");
  // After base.sh, whose lock only root can take.
  const text = trustedCAsScript(trustedCAs)
    .replace(/^take_lock$/m, tools)
    .replaceAll("/usr/local/share/ca-certificates", path.join(directory, "local"))
    .replaceAll("/etc/ssl/certs", path.join(directory, "etc"));
  const log = path.join(directory, "updates");
  fs.writeFileSync(log, "");
  const { status, stderr } = spawnSync("bash", ["-s", "create"], { input: text, encoding: "utf8" });
  return { status, stderr, updates: fs.readFileSync(log, "utf8").split("\n").length - 1 };
}

test("installs what the config names, once", () => {
  expect(run([pem("AA"), pem("BB")])).toMatchObject({ status: 0, updates: 1 });
  expect(local()).toHaveLength(2);
  expect(inEffect()).toHaveLength(2);
  expect(
    local()
      .map((name) => fs.readFileSync(path.join(directory, "local", name), "utf8"))
      .sort(),
  ).toEqual([pem("AA"), pem("BB")]);
  expect(run([pem("BB"), pem("AA")])).toEqual({ status: 0, updates: 0, stderr: "" });
});

test("takes away what left the config, and nothing of anybody else's", () => {
  fs.writeFileSync(path.join(directory, "local", "homelab-nas.crt"), pem("CC"));
  run([pem("AA"), pem("BB")]);
  expect(run([pem("AA")])).toMatchObject({ status: 0, updates: 1 });
  expect(local()).toEqual(["homelab-nas.crt", expect.stringMatching(/^homelab-trusted-[0-9a-f]{16}\.crt$/)]);
  expect(run([])).toMatchObject({ status: 0, updates: 1 });
  expect(local()).toEqual(["homelab-nas.crt"]);
  expect(inEffect()).toEqual(["homelab-nas.pem"]);
  expect(run([])).toEqual({ status: 0, updates: 0, stderr: "" });
});

test("a run that was cut off before the store was updated is made up for", () => {
  expect(run([pem("AA")], "fail")).toMatchObject({ status: 1, updates: 1 });
  expect(inEffect()).toEqual([]);
  expect(run([pem("AA")])).toMatchObject({ status: 0, updates: 1 });
  run([], "fail");
  expect(run([])).toMatchObject({ status: 0 });
  expect(inEffect()).toEqual([]);
});
