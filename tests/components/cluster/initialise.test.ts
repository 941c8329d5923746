/** Who makes the cluster's first etcd: only a server that has heard from all others that they hold none. */
import { installScript } from "../../../components/cluster/node";
import { home, host } from "../../support/homes";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const plain = home(host(1), host(2), host(3));
const settings = { ...plain, cluster: { ...plain.cluster, joinTimeoutSeconds: 1 } };
const plan = { host: host(1), settings, servers: [host(1), host(2), host(3)] };
const JOIN = "etc/rancher/k3s/config.yaml.d/10-join.yaml";
const MARK = "var/lib/homelab/k3s/initialising";
const [ASKED, MARKED] = ["asked-with-order", "asked-with-mark"];

let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().stub("uname", '[ "$1" = -m ] && echo x86_64 || echo pi1').stub("systemctl");
  pi.write("var/lib/homelab/k3s/staged/servers", "192.0.2.12\n192.0.2.13\n");
  pi.stub("journalctl").stub("ip").stub("curl", "exit 7");
});
afterEach(() => pi.remove());

/** What the other two say about their etcd, `undefined` for silence; and what lies on this host while they are asked. */
function others(second: string | undefined, third: string | undefined): void {
  const say = (word: string | undefined): string => (word === undefined ? "exit 124" : `echo ${word}`);
  pi.stub(
    "timeout",
    `[ ! -e '${pi.root}/${JOIN}' ] || touch '${pi.root}/${ASKED}'
    [ ! -e '${pi.root}/${MARK}' ] || touch '${pi.root}/${MARKED}'
    case "$*" in *192.0.2.12*) ${say(second)} ;; *) ${say(third)} ;; esac`,
  );
}

const install = (): StubbedRun => pi.run(installScript(plan));

test("all others hold nothing: it initialises, and has said so before it asked, without an order to its k3s", () => {
  others("empty", "empty");
  const { stderr } = install();
  expect(stderr).toContain("changed: no configured server has etcd data, initialising the cluster on pi1");
  expect(pi.read(JOIN)).toBe("cluster-init: true\n");
  expect(pi.read(ASKED)).toBeUndefined();
  expect(pi.read(MARKED)).toBe("");
  // It is no voter here, so what it set out to do still holds.
  expect(pi.read(MARK)).toBe("");
});

test.each([
  ["is silent", undefined, "the server 192.0.2.13 cannot be asked whether it holds the cluster's data"],
  ["says what nobody knows", "perhaps", "the server 192.0.2.13 cannot be asked whether it holds the cluster's data"],
  ["sets out to do the same", "initialising", "the server 192.0.2.13 has begun to initialise the cluster"],
])("one that %s keeps it from initialising, and no trace stays", (_, word, reason) => {
  others("empty", word);
  const { status, stderr } = install();
  expect(status).toBe(1);
  expect(stderr).toContain(reason);
  expect(pi.read(JOIN)).toBeUndefined();
  expect(pi.read(ASKED)).toBeUndefined();
  expect(pi.read(MARK)).toBeUndefined();
});

test("one that holds the data keeps it from initialising, after a wait for its API", () => {
  others("member", "empty");
  // A wait of two minutes, by the clock that it goes by.
  pi.stub("sleep", `printf '%s\\n' "$(($(cut -d . -f 1 '${pi.root}/clock') + 60)).00" >'${pi.root}/clock'`);
  pi.write("clock", "1000.00\n");
  const script = installScript(plan).replaceAll("/proc/uptime", `${pi.root}/clock`);
  const { status, stderr } = pi.run(script);
  expect(status).toBe(1);
  expect(stderr).toContain("the server 192.0.2.12 holds the cluster's data, but its API does not answer");
  expect(pi.read(JOIN)).toBeUndefined();
  expect(pi.read(MARK)).toBeUndefined();
});
