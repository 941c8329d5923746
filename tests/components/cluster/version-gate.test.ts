import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderScript } from "../../../components/script/script";

/** Runs these lines after the given scripts as bash does on a host, against a cluster whose nodes run these versions. */
function run(
  scripts: readonly string[],
  lines: string,
  version: string,
  running: Readonly<Record<string, string>>,
): { status: number | null; stderr: string } {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-gate-"));
  const answers = path.join(directory, "nodes.sh");
  const nodes = Object.entries(running).map(([node, runs]) => `${node} ${runs}`);
  fs.writeFileSync(
    answers,
    `take_lock() { :; }\nadmin() { cat <<'END'\n${nodes.join("\n")}\nEND\n}\nother_servers=()\n`,
  );
  fs.writeFileSync(path.join(directory, "version"), version);
  fs.writeFileSync(path.join(directory, "last.sh"), lines);
  const files = scripts.map((file) => path.join(__dirname, "../../../components/cluster", file));
  const text = renderScript({
    step: "version-gate",
    files: [answers, ...files, path.join(directory, "last.sh")],
    parameters: { version, staged: directory, node_name: "pi4" },
  });
  const { status, stderr } = spawnSync("bash", ["-s", "create"], { input: text, encoding: "utf8" });
  fs.rmSync(directory, { recursive: true });
  return { status, stderr };
}

const gate = (version: string, running: Readonly<Record<string, string>>): ReturnType<typeof run> =>
  run(["releases.sh", "version-gate.sh"], "", version, running);

test.each([
  ["v1.25.4+k3s1", ["v1.25.4+k3s1", "v1.25.10+k3s1"], 0],
  ["v1.26.0+k3s1", ["v1.26.0+k3s1", "v1.25.10+k3s1"], 0],
  ["v1.25.4+k3s1", ["v1.26.0+k3s1"], 0],
  ["v1.26.0+k3s1", [], 0],
  ["v1.26.0+k3s1", ["v1.25.4+k3s1", "v1.25.10+k3s1"], 1],
])("a host with %s joins a cluster of %j: exit code %i", (version, releases, code) => {
  const running = Object.fromEntries(releases.map((release, index) => [`pi${index + 1}`, release]));
  const { status, stderr } = run(["releases.sh", "rejoin.sh"], "refuse_newer_release", version, running);
  expect(status).toBe(code);
  if (code === 1) expect(stderr).toContain("pi4 would join with k3s v1.26.0+k3s1, and the cluster runs v1.25.10+k3s1");
});

test.each([
  ["the same version", "v1.25.4+k3s1", "v1.25.4+k3s1"],
  ["a newer patch", "v1.25.10+k3s1", "v1.25.4+k3s1"],
  ["a newer build of k3s", "v1.25.4+k3s2", "v1.25.4+k3s1"],
  ["the next minor", "v1.26.0+k3s1", "v1.25.4+k3s1"],
  ["etcd 3.6 after the last 3.5", "v1.34.3+k3s1", "v1.33.7+k3s3"],
  ["etcd 3.6 after a later 3.5", "v1.34.3+k3s1", "v1.33.10+k3s1"],
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

test("refuses etcd 3.6 before the last 3.5 has put its data right", () => {
  const { status, stderr } = gate("v1.34.3+k3s1", { pi1: "v1.33.7+k3s3", pi2: "v1.33.7+k3s1" });
  expect(status).toBe(1);
  expect(stderr).toContain("pi2 runs v1.33.7+k3s1: v1.34.3+k3s1 has etcd 3.6");
  expect(stderr).toContain("set cluster.k3sVersion to v1.33.7+k3s3 or a later release of 1.33 first");
});

test.each([
  ["an older patch", "v1.25.4+k3s1", "v1.25.10+k3s1"],
  ["an older minor", "v1.25.16+k3s1", "v1.26.0+k3s1"],
])("refuses %s as a downgrade", (_, version, running) => {
  const { status, stderr } = gate(version, { pi1: running });
  expect(status).toBe(1);
  expect(stderr).toContain(`pi1 runs ${running}: ${version} would be a downgrade`);
});
