import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderScript, shellFile } from "../../../components/script/script";

const components = path.join(__dirname, "../../../components");

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  /** What `kubectl` was called with, one line per call, and what it read. */
  readonly calls: string;
}

/** Runs the script as bash does on a server, where `admin create` does as `create` says. */
function webhook(create: string, timeoutSeconds = 0): Run {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-webhook-"));
  const calls = path.join(directory, "calls");
  const admin = path.join(directory, "admin.sh");
  fs.writeFileSync(
    admin,
    [
      `calls='${calls}'`,
      "admin() {",
      `  printf '%s\\n' "$*" >>"$calls"`,
      `  case "$1" in create) cat >>"$calls"; ${create} ;; *) echo 'metallb-controller-abc 0/1 ImagePullBackOff' ;; esac`,
      "}",
    ].join("\n"),
  );
  const input = renderScript({
    step: "metallb-webhook",
    files: [admin, shellFile(path.join(components, "network"), "metallb-webhook.sh")],
    parameters: { namespace: "metallb-system", version: "0.16.1", timeout_seconds: timeoutSeconds },
  });
  const { status, stderr } = spawnSync("bash", ["-s", "create"], { input, encoding: "utf8" });
  const written = fs.readFileSync(calls, "utf8");
  fs.rmSync(directory, { recursive: true });
  return { status, stderr, calls: written };
}

test("passes when a pool is taken, which is only tried out", () => {
  const { status, stderr, calls } = webhook("echo created");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [command, ...rest] = calls.split("\n");
  expect(command).toBe("create --dry-run=server --request-timeout=10s --filename=-");
  expect(JSON.parse(rest.join("\n"))).toEqual({
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { namespace: "metallb-system", name: "metallb-webhook" },
    spec: { addresses: ["192.0.0.8/32"], autoAssign: false },
  });
});

test("waits for a webhook that answers late", () => {
  const late = `[ "$(grep -c '^create' "$calls")" -gt 2 ]`;
  const { status, calls } = webhook(late, 10);
  expect(status).toBe(0);
  expect(calls.match(/^create/gm)).toHaveLength(3);
});

test("gives up after its limit, with the API's last word, the pods' state and what to do", () => {
  const { status, stderr } = webhook(
    `echo 'some warning' >&2; echo 'failed calling webhook: connection refused' >&2; return 1`,
  );
  expect(status).toBe(1);
  expect(stderr).toContain(
    "metallb-webhook: MetalLB 0.16.1 does not take address pools after 0 s: failed calling webhook: connection refused\n",
  );
  expect(stderr).toContain("metallb-controller-abc 0/1 ImagePullBackOff");
  expect(stderr).toMatch(/^ {2}-> .*kubectl -n metallb-system describe pods/m);
  expect(stderr).not.toContain("some warning");
});

test("is sound shell with what a gate puts in front of it", () => {
  const cluster = path.join(components, "cluster");
  const input = renderScript({
    step: "metallb-webhook",
    files: [
      shellFile(cluster, "paths.sh"),
      shellFile(cluster, "admin-server.sh"),
      shellFile(path.join(components, "network"), "metallb-webhook.sh"),
    ],
    parameters: { namespace: "metallb-system", version: "0.16.1", timeout_seconds: 120 },
  });
  const check = spawnSync("shellcheck", ["--shell=bash", "--severity=warning", "--exclude=SC2034", "-"], { input });
  expect(check.error).toBeUndefined();
  expect(check.stdout.toString()).toBe("");
});
