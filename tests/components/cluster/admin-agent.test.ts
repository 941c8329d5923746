/** An agent's steps ask the cluster by way of any server whose API is ready. */
import * as fs from "node:fs";
import * as path from "node:path";
import { renderScript, shellFile } from "../../../components/script/script";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const CLUSTER = path.resolve(__dirname, "../../../components/cluster");

let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().write("var/lib/homelab/k3s/staged/servers", "192.0.2.11\n192.0.2.12\n");
  // Both answer at their port.
  pi.stub("curl");
});
afterEach(() => pi.remove());

/** Asks for nodes, with a kubectl of these lines. */
function ask(kubectl: string): StubbedRun {
  pi.write("usr/local/bin/k3s", `#!/bin/bash\n${kubectl}\n`);
  fs.chmodSync(path.join(pi.root, "usr/local/bin/k3s"), 0o755);
  pi.write("ask.sh", "admin get nodes");
  const files = ["paths.sh", "servers.sh", "admin-agent.sh"].map((name) => shellFile(CLUSTER, name));
  const script = renderScript({ step: "ask", files: [...files, path.join(pi.root, "ask.sh")] });
  return pi.run(`exec 3</dev/null\n${script}`);
}

test("one that answers without an etcd is passed over", () => {
  const { status, stdout } = ask(`case "$*" in
    *192.0.2.11*) echo 'etcdserver: request timed out' >&2; exit 1 ;;
    *readyz*) echo ok ;;
    *) echo "nodes by \${*}" ;;
  esac`);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^nodes by .*--server https:\/\/192\.0\.2\.12:6443 get nodes\n$/);
});

test("if none is ready, the last one's reason is said", () => {
  const { status, stderr } = ask("echo 'error: You must be logged in to the server (Unauthorized)' >&2; exit 1");
  expect(status).toBe(1);
  expect(stderr).toBe(
    "no server's API is ready at port 6443 of 192.0.2.11 192.0.2.12: error: You must be logged in to the server (Unauthorized)\n",
  );
});
