import * as fs from "node:fs";
import * as path from "node:path";
import { API_LEAVING, apiVipScript, renderKeepalived } from "../../../components/cluster/api-vip";
import { dualStackHome, home, host } from "../../support/homes";
import { StubbedHost } from "../../support/stubbed-host";

const config = home(host(1), host(2), host(3));
const dual = dualStackHome(host(1), host(2), host(3));

describe("the check of a server's API", () => {
  let pi: StubbedHost;
  beforeEach(() => {
    pi = new StubbedHost();
    for (const command of ["openssl", "systemctl", "keepalived"]) pi.stub(command);
    pi.run(apiVipScript(host(1), config.hosts, config.network));
  });
  afterEach(() => pi.remove());

  const check = (...args: string[]): number | null =>
    pi.run(`exec sh /usr/local/lib/homelab/check-api ${args.join(" ")}`).status;
  const [well, no, refused, slow] = ["echo 1; exit 0", "echo 1; exit 22", "echo 0; exit 7", "echo 1; exit 28"];
  const unreachable = "echo 0; exit 28";
  /** What curl does, by what it is asked. */
  const answers = (own: string, two: string, three: string): StubbedHost =>
    pi.stub("curl", `case "$*" in *127.0.0.1*) ${own} ;; *192.0.2.12*) ${two} ;; *192.0.2.13*) ${three} ;; esac`);

  test.each([
    ["well", well, 0],
    ["dead", refused, 1],
    ["still starting", no, 1],
    ["slow, and alive", slow, 0],
  ])("its version, when it is %s", (_, own, status) => {
    answers(own, well, well);
    expect(check("version")).toBe(status);
  });

  test.each([
    ["it is well", [well, no, no], 0],
    ["it is not, and another server is", [no, slow, well], 1],
    ["it is slow, and another server is well", [slow, well, refused], 1],
    ["none is", [no, no, no], 0],
    ["all are slow", [slow, slow, slow], 0],
    ["it is not, nor is the only one left", [no, unreachable, no], 0],
    ["it is not, and meets nobody", [no, refused, unreachable], 1],
  ] as const)("its readiness: %s", (_, [own, two, three], status) => {
    answers(own, two, three);
    expect(check("readyz")).toBe(status);
  });

  test("another server's is that server's own answer", () => {
    answers(well, slow, well);
    expect(check("readyz", "192.0.2.12")).toBe(28);
    expect(check("readyz", "192.0.2.13")).toBe(0);
  });

  test("while k3s is restarted its server's own check of the API fails, and another server's does not", () => {
    answers(well, well, well);
    expect(check("readyz")).toBe(0);
    pi.write(API_LEAVING, "");
    expect(check("readyz")).toBe(1);
    expect(check("version")).toBe(0);
    expect(check("readyz", "192.0.2.12")).toBe(0);
    // A mark that was left behind counts for a while only.
    const past = Date.now() / 1000 - 21 * 60;
    fs.utimesSync(path.join(pi.root, API_LEAVING), past, past);
    expect(check("readyz")).toBe(0);
  });
});

test("keepalived moves the API's address by weight, among equals that do not take it back", () => {
  const [one] = dual.hosts;
  if (one === undefined) throw new Error("no host");
  const text = renderKeepalived(one, dual.hosts, dual.network);
  // One that is dead falls below those that are merely not ready: all of them are, while etcd elects a leader.
  expect(text).toMatch(
    /vrrp_script api_version \{\n {2}script "\S+check-api version"\n {2}interval 1\n[^}]*weight -50\n\}/,
  );
  expect(text).toMatch(
    /vrrp_script api_readyz \{\n {2}script "\S+check-api readyz"\n {2}interval 2\n[^}]*weight -50\n\}/,
  );
  expect(text.match(/track_script \{\n {4}api_version\n {4}api_readyz\n {2}\}/g)).toHaveLength(2);
  expect(text).toContain("unicast_src_ip 192.0.2.11\n  unicast_peer {\n    192.0.2.12\n    192.0.2.13\n  }");
  expect(text).toContain("unicast_peer {\n    fd00:c0:ffee::12\n    fd00:c0:ffee::13\n  }");
  expect(text).toContain("192.0.2.10/32 dev eth0");
  expect(text).toContain("fd00:c0:ffee::10/128 dev eth0");
  expect(text.match(/state BACKUP/g)).toHaveLength(2);
  expect(new Set(text.match(/priority \d+/g))).toEqual(new Set(["priority 250"]));
  // A weighted check beside nopreempt would pin the address to a server whose API is dead.
  expect(text).not.toContain("nopreempt");
  expect(text).toContain("vrrp_garp_master_delay 1\n");
});

test("a single server's keepalived has no peer that it could speak to, and is not told to", () => {
  const [one] = config.hosts;
  if (one === undefined) throw new Error("no host");
  const text = renderKeepalived(one, [one], config.network);
  expect(text).toContain("192.0.2.10/32 dev eth0");
  expect(text).not.toContain("unicast");
});
