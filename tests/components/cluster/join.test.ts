/** What a host is asked before k3s is brought to it and joins: whose k3s is there, and what its clock says. */
import * as fs from "node:fs";
import * as path from "node:path";
import { artifactScript, installScript, rolloutScript } from "../../../components/cluster/node";
import { home, host } from "../../support/homes";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const plain = home(host(1), host(4, "agent"));
// A node that did start would never become Ready here.
const settings = { ...plain, cluster: { ...plain.cluster, joinTimeoutSeconds: 1 } };
const plan = { host: host(4, "agent"), settings, servers: [host(1)] };
const CA = "CA of the cluster\n";
const OWN_CA = "var/lib/rancher/k3s/agent/server-ca.crt";

let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().stub("uname", '[ "$1" = -m ] && echo x86_64 || echo pi4').stub("systemctl");
  pi.write("var/lib/homelab/k3s/staged/servers", "192.0.2.11\n");
  pi.stub("timeout", "exit 1").stub("journalctl").stub("ip");
  clockOfServer(0);
});
afterEach(() => pi.remove());

/** A server that answers everything rightly, its clock so many seconds behind this one. */
function clockOfServer(behind: number): void {
  pi.stub(
    "curl",
    `case "$*" in
      *--head*) echo "Date: $(date --utc --date=@$(($(date +%s) - ${behind})) '+%a, %d %b %Y %T GMT')" ;;
      *--write-out*) echo 200 ;;
      *--output*) exit 0 ;;
      *cacerts*) printf '%s' '${CA}' ;;
    esac`,
  );
}

/** A k3s that another program has put here. */
function foreignK3s(version: string): void {
  pi.write("usr/local/bin/k3s", `#!/bin/sh\necho "k3s version ${version} (0123abc)"\n`);
  fs.chmodSync(path.join(pi.root, "usr/local/bin/k3s"), 0o755);
}

const install = (): StubbedRun => pi.run(installScript(plan));
const untouched = (): void => {
  expect(pi.read("var/lib/homelab/k3s/owned")).toBeUndefined();
  expect(pi.read("etc/rancher/k3s/config.yaml.d/10-join.yaml")).toBeUndefined();
};

describe("a k3s that this program did not install", () => {
  test("is refused before anything is laid beside it, if its version is another", () => {
    foreignK3s("v1.24.9+k3s1");
    const { status, stderr, calls } = pi.run(artifactScript(plan));
    expect(status).toBe(1);
    expect(stderr).toContain("k3s v1.24.9+k3s1 is here, was not installed by this program and is left alone");
    expect(stderr).toContain("the config asks for v1.25.4+k3s1\n  -> take it away with what installed it");
    expect(stderr).toContain("/usr/local/bin/k3s-agent-uninstall.sh");
    expect(stderr).toContain("  -> or set cluster.k3sVersion to v1.24.9+k3s1 to take it over");
    expect(calls.filter((call) => call.startsWith("curl"))).toEqual([]);
  });

  test("that was taken over is upgraded like any other", () => {
    foreignK3s("v1.24.9+k3s1");
    pi.write("var/lib/homelab/k3s/staged/desired", "0123456789abcdef");
    expect(pi.run(artifactScript(plan)).stderr).not.toContain("was not installed by this program");
  });

  test("that does not even start is refused, too", () => {
    pi.write("usr/local/bin/k3s", "half of a file");
    const { status, stderr } = pi.run(artifactScript(plan));
    expect(status).toBe(1);
    expect(stderr).toContain("k3s of an unknown version is here");
    expect(stderr).not.toContain("cluster.k3sVersion");
  });

  test("of another cluster is refused, and not touched", () => {
    foreignK3s("v1.25.4+k3s1");
    pi.write(OWN_CA, "another cluster's CA\n");
    const { status, stderr } = install();
    expect(status).toBe(1);
    expect(stderr).toContain("is no node of the cluster that answers at 192.0.2.11");
    untouched();
  });

  test("of this cluster is left alone", () => {
    foreignK3s("v1.25.4+k3s1");
    pi.write(OWN_CA, CA);
    expect(install()).toMatchObject({
      status: 0,
      stderr: "k3s v1.25.4+k3s1 is here already and was not installed by this program: left alone\n",
    });
    untouched();
  });
});

describe("the rollout at a k3s that was left alone", () => {
  const rollout = (action: "create" | "update", drainTimeoutSeconds = 60): StubbedRun => {
    const cluster = { ...settings.cluster, drainTimeoutSeconds };
    return pi.run(`exec 3</dev/null\n${rolloutScript({ ...plan, settings: { ...settings, cluster } })}`, action);
  };
  beforeEach(() => {
    foreignK3s("v1.25.4+k3s1");
    expect(rollout("create").status).toBe(0);
    untouched();
  });

  test("leaves it alone when another time limit runs the step again", () => {
    expect(rollout("update", 90).status).toBe(0);
    untouched();
  });

  test("takes it over once something has changed that k3s reads", () => {
    pi.write("var/lib/homelab/k3s/left-alone", "another state\n");
    rollout("update");
    expect(pi.read("var/lib/homelab/k3s/owned")).toBe("");
  });
});

test.each([3600, -3600])("a clock that is %i s ahead of the cluster's joins nothing", (seconds) => {
  clockOfServer(seconds);
  pi.write("etc/rancher/k3s/token", "the-token");
  const { status, stderr } = install();
  expect(status).toBe(1);
  expect(stderr).toMatch(
    new RegExp(`the clock is ${seconds > 0 ? "3[56]" : "-3[56]"}\\d\\d s off from that of 192\\.0\\.2\\.11`),
  );
  expect(stderr).toContain("set up time synchronisation");
  expect(pi.read("etc/rancher/k3s/config.yaml.d/10-join.yaml")).toBeUndefined();
});

describe("a node that does not come up", () => {
  const FATAL = 'time="2026-11-28T04:31:22Z" level=fatal msg="kubelet exited: no such device"';
  beforeEach(() => {
    // It has joined before, and was installed by this program.
    pi.write("var/lib/homelab/k3s/owned", "").write("var/lib/homelab/k3s/applied", "0123456789abcdef");
    pi.write("var/lib/rancher/k3s/agent/kubelet.kubeconfig", "").write(
      "etc/rancher/k3s/config.yaml.d/10-join.yaml",
      "",
    );
    pi.stub("journalctl", `printf '%s\\n' '${FATAL}' 'level=info msg="Starting k3s"'`);
  });
  const restarted = (times: number): void => {
    pi.stub("systemctl", `case "$*" in *NRestarts*) echo ${times} ;; *is-active*) exit 3 ;; esac`);
  };

  test("since its k3s ends again and again: why, although the last lines are those of a new start", () => {
    restarted(3);
    const { status, stderr } = install();
    expect(status).toBe(1);
    expect(stderr).toContain(`--- why it ended and was started again, the last time: ${FATAL}\n`);
    expect(stderr).toContain("likely cause: k3s-agent ends by itself; why is said above\n");
  });

  test("with a k3s that runs: words of an earlier one are no cause", () => {
    restarted(0);
    const { stderr } = install();
    expect(stderr).toContain("likely cause: not recognised; the lines of k3s-agent above say more\n");
    expect(stderr).not.toContain("why it ended");
  });
});
