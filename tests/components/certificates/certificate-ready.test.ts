import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
  CERTIFICATE_READY_FILES,
  certificateReadyParameters,
} from "../../../components/certificates/default-certificate";
import { renderScript } from "../../../components/script/script";

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-certificate-"));
});
afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

/** What the cluster answers; absent is nothing. */
interface Cluster {
  /** Generation, the one that Ready speaks of, and Ready itself, of the first looks and of all later ones. */
  readonly ready: readonly string[];
  readonly lastFailure?: string;
  readonly issuerReady?: string;
  readonly issuerMessage?: string;
  readonly challenge?: string;
  readonly order?: string;
  /** Lines `NAME|STATE|REASON` and `NAME|REASON`, as kubectl prints them: each ended by a bell. */
  readonly ordersOnTheWay?: string;
  readonly challengesOnTheWay?: string;
  readonly request?: string;
  readonly acmeServer?: string;
  /** Time of a failure that follows when issuance is asked for again. */
  readonly failsAgain?: string;
}

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  /** What was changed in the cluster. */
  readonly changes: readonly string[];
  readonly seconds: number;
}

/** Runs the gate against kubectl's answers, with a shell function in its place. */
function run(cluster: Cluster, { timeout = 2, stale = 0 } = {}): Run {
  const answer = (name: string, text = ""): void => {
    fs.writeFileSync(path.join(directory, name), text);
  };
  cluster.ready.forEach((text, index) => {
    answer(`ready.${index + 1}`, text);
  });
  answer("failure", cluster.lastFailure);
  answer("issuer-ready", cluster.issuerReady ?? "True");
  answer("issuer-message", cluster.issuerMessage);
  answer("challenges", cluster.challenge);
  answer("orders", cluster.order);
  answer("orders-on-the-way", cluster.ordersOnTheWay);
  answer("challenges-on-the-way", cluster.challengesOnTheWay);
  answer("requests", cluster.request);
  answer("server", cluster.acmeServer);
  answer("changes");
  const fake = path.join(directory, "admin.sh");
  fs.writeFileSync(
    fake,
    `looks=0
admin() {
  local d='${directory}'
  case "$1 $2 $*" in
    'get certificates.cert-manager.io '*lastFailureTime*) cat "$d/failure" ;;
    'get certificates.cert-manager.io '*)
      echo look >>"$d/looks"
      looks=$(wc -l <"$d/looks")
      [ -e "$d/ready.$looks" ] || looks=${cluster.ready.length}
      cat "$d/ready.$looks"
      ;;
    'get clusterissuers.cert-manager.io '*spec.acme.server*) cat "$d/server" ;;
    'get clusterissuers.cert-manager.io '*message*) cat "$d/issuer-message" ;;
    'get clusterissuers.cert-manager.io '*) cat "$d/issuer-ready" ;;
    'get challenges.acme.cert-manager.io '*metadata.name*) cat "$d/challenges-on-the-way" ;;
    'get orders.acme.cert-manager.io '*metadata.name*) cat "$d/orders-on-the-way" ;;
    'get challenges.acme.cert-manager.io '*) cat "$d/challenges" ;;
    'get orders.acme.cert-manager.io '*) cat "$d/orders" ;;
    'get certificaterequests.cert-manager.io '*) cat "$d/requests" ;;
    'patch certificates.cert-manager.io '*) echo "$*" >>"$d/changes"; printf %s '${cluster.failsAgain ?? ""}' >"$d/failure" ;;
    *) echo "$*" >>"$d/changes" ;;
  esac
}
`,
  );
  const args = {
    domain: "home.test",
    namespace: "traefik",
    clusterIssuer: "production",
    issuanceTimeoutSeconds: timeout,
  };
  const parameters = {
    ...certificateReadyParameters({ ...args, clusterIssuer: "production" }),
    stale_seconds: stale,
    pause_seconds: 0.2,
  };
  const input = renderScript({ step: "ready", files: [fake, ...CERTIFICATE_READY_FILES], parameters });
  const started = Date.now();
  const { status, stderr } = spawnSync("bash", ["-s", "create"], { input, encoding: "utf8" });
  const changes = fs.readFileSync(path.join(directory, "changes"), "utf8").split("\n").filter(Boolean);
  return { status, stderr, changes, seconds: (Date.now() - started) / 1000 };
}

const NOT_YET = "1|1|False";
const READY = "1|1|True";

test("a certificate that is there is let alone", () => {
  expect(run({ ready: [READY] })).toMatchObject({
    status: 0,
    changes: [],
    stderr: "certificate default for home.test: Ready\n",
  });
});

test("one that is being issued is waited for, and nothing on its way is touched", () => {
  const { status, changes } = run({
    ready: ["1||", NOT_YET, NOT_YET, READY],
    ordersOnTheWay: "default-1|pending|\u0007",
    challengesOnTheWay: "default-1-1|\u0007default-1-2|Waiting for DNS-01 challenge propagation\u0007",
  });
  expect(status).toBe(0);
  expect(changes).toEqual([]);
});

test("what an error holds up is looked at anew at once", () => {
  const { changes } = run({
    ready: [NOT_YET, READY],
    ordersOnTheWay: "default-1||\u0007default-2|pending|\u0007",
    challengesOnTheWay: "default-2-1|the API\n\tdoes not answer\u0007default-2-2|\u0007",
  });
  expect(changes).toEqual([
    expect.stringMatching(/^annotate orders\.acme\.cert-manager\.io default-1 /),
    expect.stringMatching(/^annotate challenges\.acme\.cert-manager\.io default-2-1 /),
  ]);
});

test("Ready of an older specification does not count", () => {
  expect(run({ ready: ["2|1|True"] }).status).toBe(1);
});

test("after a failed issuance it is asked for again at once", () => {
  const { status, changes, stderr } = run({ ready: [NOT_YET, NOT_YET, READY], lastFailure: "2026-11-21T09:00:00Z" });
  expect(status).toBe(0);
  expect(changes[0]).toContain("patch certificates.cert-manager.io default --namespace traefik --subresource=status");
  expect(changes[0]).toContain('{"status":{"lastFailureTime":null,"failedIssuanceAttempts":null}}');
  expect(stderr).toContain("asking for the certificate default again");
});

test("a new failure ends the wait: cert-manager would not try again for an hour", () => {
  const order = "other|not this one\u0007default|order is\ninvalid\u0007default|\u0007";
  const { status, stderr, seconds } = run(
    { ready: [NOT_YET], lastFailure: "a", failsAgain: "b", order },
    { timeout: 60 },
  );
  expect(status).toBe(1);
  expect(seconds).toBeLessThan(10);
  expect(stderr).toContain("the certificate default for home.test was not issued; Order: order is invalid\n");
});

const REFUSED =
  'home.test|while attempting to find Zones for domain _acme-challenge.home.test\nwhile querying the Cloudflare API for GET "/zones?name=home.test" \n\t Error: 9109: Invalid access token\n\u0007other.test|no reason of ours\u0007';

test("a refused token ends the wait with Cloudflare's words on one line, and names the token", () => {
  const { status, stderr, seconds } = run({ ready: [NOT_YET], challenge: REFUSED }, { timeout: 60 });
  expect(status).toBe(1);
  expect(seconds).toBeLessThan(10);
  expect(stderr).toMatch(
    /: the certificate default for home\.test is not issued: .*; Challenge: while attempting .*Error: 9109: Invalid access token\n {2}-> /,
  );
  expect(stderr).toContain("pulumi config set --secret homelab:cloudflareApiToken");
});

test("a refusal that a challenge still shows from before is given time to change", () => {
  const { status, stderr } = run({ ready: [NOT_YET, NOT_YET, NOT_YET, READY], challenge: REFUSED }, { stale: 20 });
  expect([status, stderr]).toEqual([0, expect.stringContaining("Ready")]);
});

test("the limit ends the wait, with the last object that knows a reason", () => {
  const challenge = "home.test|Waiting for DNS-01 challenge propagation: DNS record not yet propagated\u0007";
  const { status, stderr } = run({
    ready: [NOT_YET],
    challenge,
    request: "default|Waiting on certificate issuance\u0007",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("was not issued within 2 s; Challenge: Waiting for DNS-01 challenge propagation");
  expect(stderr).toContain("run 'pulumi up' again: it asks for issuance at once");
});

test("an issuer without an account is asked to register again, and says why it could not", () => {
  const { stderr, changes } = run({
    ready: [NOT_YET],
    issuerReady: "False",
    issuerMessage: 'Failed to register ACME account: Get "https://acme.test/dir": dial tcp: connection refused',
  });
  expect(changes[0]).toContain("patch clusterissuers.cert-manager.io production --subresource=status");
  expect(stderr).toContain("ClusterIssuer production: Failed to register ACME account");
  expect(stderr).toContain("see that the cluster reaches the ACME server");
});

test("an ACME server that is down is named, since no object does", () => {
  const request = "default|Waiting on certificate issuance from order\u0007";
  const { stderr } = run({ ready: [NOT_YET], acmeServer: "https://127.0.0.1:1/dir", request });
  expect(stderr).toContain("ACME server: https://127.0.0.1:1/dir does not answer");
});

test("a request that waits for something else is quoted", () => {
  const { stderr } = run({ ready: [NOT_YET], request: "default|Referenced issuer does not exist\u0007" });
  expect(stderr).toContain("CertificateRequest: Referenced issuer does not exist");
});
