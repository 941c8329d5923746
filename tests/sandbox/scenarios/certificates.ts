/** k3s' own certificates: a node renews them by itself before they end, and only while all other servers are well. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { shellQuote } from "../../../components/script/script";
import { until } from "../lab";
import { apiDuring } from "../load/api";
import { voters } from "../questions";
import { HOMELAB, SERVERS, lab, startOfK3s } from "./shared";

const NODE = "pi3";
const OTHERS = SERVERS.filter((name) => name !== NODE);
const UNIT = "homelab-certificate-renewal";
/** Longest time without an answer of the API at its address while a server is restarted on purpose, in seconds. */
const LIMIT = 5;

const TLS = "/var/lib/rancher/k3s/server/tls";
const DROP_IN = "/etc/systemd/system/k3s.service.d/short-lived.conf";
/** k3s makes what is missing when it starts, for as long as this variable says. */
const SHORT_LIVED = `set -e
install -d "$(dirname ${DROP_IN})"
printf '[Service]\\nEnvironment=CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS=30\\n' >${DROP_IN}
systemctl daemon-reload
systemctl stop k3s
find ${TLS} ${TLS}/etcd -maxdepth 1 -name '*.crt' ! -name '*-ca.crt' -delete
systemctl start k3s
rm ${DROP_IN}
systemctl daemon-reload`;

const asRoot = (host: string, script: string): Promise<string> => lab.ssh(host, `sudo bash -c ${shellQuote(script)}`);
const allWell = (): Promise<number> =>
  until("three voters", 180, async () => isDeepStrictEqual(await voters(lab, OTHERS[0]), SERVERS));
const journal = (): Promise<string> => lab.ssh(NODE, `sudo journalctl --unit ${UNIT} --output cat`);

/** Days until the certificates on a host end, rounded down, those of authorities left out. */
async function daysLeft(host: string): Promise<number[]> {
  const ends = await asRoot(
    host,
    `for file in ${TLS}/*.crt ${TLS}/etcd/*.crt /var/lib/rancher/k3s/agent/*.crt; do
      case $file in *-ca.crt) ;; *) openssl x509 -in "$file" -noout -enddate ;; esac
    done`,
  );
  return ends
    .split("\n")
    .map((line) => Math.floor((Date.parse(line.slice("notAfter=".length)) - Date.now()) / 86_400_000));
}

/** Containers that run on the node and how often each was started anew. */
const containers = (): Promise<string> =>
  lab.kubectl(
    ...["get", "pods", "--all-namespaces", `--field-selector=spec.nodeName=${NODE}`, "-o"],
    "jsonpath={range .items[*].status.containerStatuses[*]}{.containerID} {.restartCount};{end}",
  );

test("every node looks daily at its certificates, and does nothing while they are good", async () => {
  for (const host of SERVERS) {
    assert.equal(await lab.ssh(host, `systemctl is-active ${UNIT}.timer`), "active", host);
  }
  const before = await startOfK3s(NODE);
  await lab.ssh(NODE, `sudo systemctl start ${UNIT}`);
  assert.equal(await startOfK3s(NODE), before);
});

test("certificates that end soon are not renewed while another server is down, and doctor says that it failed", async () => {
  await asRoot(NODE, SHORT_LIVED);
  await allWell();
  const days = await daysLeft(NODE);
  assert.ok(days.length > 10 && days.every((left) => left < 31), `days left: ${days.join(", ")}`);
  assert.match(await lab.exec(...HOMELAB, "status", "--stack", "sandbox"), /its own certificates: 29 days left on pi3/);

  const [down = ""] = OTHERS;
  const before = await startOfK3s(NODE);
  await lab.ssh(down, "sudo systemctl stop k3s");
  const { status } = await lab.sandbox(["ssh", NODE, "--", `sudo systemctl start ${UNIT}`]);
  assert.notEqual(status, 0);
  assert.match(
    await journal(),
    /the server 192\.0\.2\.11 is not ready[^]*k3s is not restarted while another server is/,
  );
  assert.equal(await startOfK3s(NODE), before);
  await lab.ssh(down, "sudo systemctl start k3s");
  await allWell();
  const doctor = await lab.sandbox(["exec", "--", ...HOMELAB, "doctor", "--stack", "sandbox"]);
  assert.match(doctor.output, new RegExp(`^warning +${NODE} +failed units: ${UNIT}\\.service`, "m"));
});

test("they are renewed for a year by one restart of k3s: pods go on, and no other server is touched", async () => {
  const others = await Promise.all(OTHERS.map(startOfK3s));
  const [before, pods] = [await startOfK3s(NODE), await containers()];
  const { silenceSeconds } = await apiDuring(lab, "certificates renewed on a server", async () => {
    await lab.ssh(NODE, `sudo systemctl start ${UNIT}`);
  });
  assert.match(await journal(), /k3s has renewed its certificates/);
  const days = await daysLeft(NODE);
  assert.ok(days.length > 10 && days.every((left) => left > 360), `days left: ${days.join(", ")}`);
  assert.notEqual(await startOfK3s(NODE), before);
  assert.deepEqual(await Promise.all(OTHERS.map(startOfK3s)), others);
  assert.equal(await containers(), pods);
  await allWell();
  const lease = ["get", "lease", "--namespace=kube-system", "homelab-restart", "--ignore-not-found", "-o", "name"];
  assert.equal(await lab.kubectl(...lease), "");
  assert.ok(silenceSeconds <= LIMIT, `${silenceSeconds} s without an answer of the API`);
});
