import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderScript } from "../../../components/script/script";

/** Runs the gate as bash does on a host, against a cluster whose nodes run these versions. */
function gate(version: string, running: Readonly<Record<string, string>>): { status: number | null; stderr: string } {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-gate-"));
  const answers = path.join(directory, "nodes.sh");
  const lines = Object.entries(running).map(([node, runs]) => `${node} ${runs}`);
  fs.writeFileSync(
    answers,
    `take_lock() { :; }\nadmin() { cat <<'END'\n${lines.join("\n")}\nEND\n}\nother_servers=()\n`,
  );
  const script = path.join(__dirname, "../../../components/cluster/version-gate.sh");
  const text = renderScript({ step: "version-gate", files: [answers, script], parameters: { version } });
  const { status, stderr } = spawnSync("bash", ["-s", "create"], { input: text, encoding: "utf8" });
  fs.rmSync(directory, { recursive: true });
  return { status, stderr };
}

test.each([
  ["the same version", "v1.25.4+k3s1", "v1.25.4+k3s1"],
  ["a newer patch", "v1.25.10+k3s1", "v1.25.4+k3s1"],
  ["a newer build of k3s", "v1.25.4+k3s2", "v1.25.4+k3s1"],
  ["the next minor", "v1.26.0+k3s1", "v1.25.4+k3s1"],
])("lets %s pass", (_, version, running) => {
  expect(gate(version, { pi1: running, pi2: running })).toEqual({ status: 0, stderr: "" });
});

test("lets a half-done upgrade go on", () => {
  expect(gate("v1.26.1+k3s1", { pi1: "v1.26.1+k3s1", pi2: "v1.25.4+k3s1" }).status).toBe(0);
});

test("refuses a skipped minor and names the next one", () => {
  const { status, stderr } = gate("v1.27.1+k3s1", { pi1: "v1.26.1+k3s1", pi2: "v1.25.4+k3s1" });
  expect(status).toBe(1);
  expect(stderr).toContain("pi2 runs v1.25.4+k3s1: going to v1.27.1+k3s1 skips a minor version");
  expect(stderr).toContain("a release of 1.26 first");
});

test.each([
  ["an older patch", "v1.25.4+k3s1", "v1.25.10+k3s1"],
  ["an older minor", "v1.25.16+k3s1", "v1.26.0+k3s1"],
])("refuses %s as a downgrade", (_, version, running) => {
  const { status, stderr } = gate(version, { pi1: running });
  expect(status).toBe(1);
  expect(stderr).toContain(`pi1 runs ${running}: ${version} would be a downgrade`);
});
