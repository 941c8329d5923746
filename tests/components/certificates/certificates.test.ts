import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Certificates } from "../../../components/certificates/certificates";
import { CloudflarePreflight } from "../../../components/cloudflare/preflight";
import { DefaultCertificate } from "../../../components/certificates/default-certificate";
import type { CertificatesConfig, Issuer } from "../../../config/layers";
import { versions } from "../../../config/versions";
import { host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

const COMMAND = "command:remote:Command";
const CUSTOM = (kind: string): string => `kubernetes:cert-manager.io/v1:${kind}`;
const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";
const TOKEN = "the-cloudflare-token";

interface Options {
  readonly trustedCAs?: readonly string[];
  readonly acme?: CertificatesConfig["acme"];
}

/** What index.ts does; returned are the component's outputs with its registrations. */
async function record(issuer: Issuer, { trustedCAs = [], acme = {} }: Options = {}): Promise<Registration[]> {
  return recordProgram(() => {
    const provider = new k8s.Provider("home", { kubeconfig: "{}" });
    const gatekeeper = { host: host(1), sshPrivateKey: pulumi.secret("the-private-key") };
    const settings = {
      issuer,
      ...(issuer !== "internal" && { email: "admin@home.test" }),
      acme,
      recursiveNameservers: ["1.1.1.1:53"],
      issuanceTimeoutSeconds: 300,
    };
    const account = { domain: "home.test", token: pulumi.secret(TOKEN), occasion: "v1.21.1", gatekeeper };
    const preflight = issuer !== "internal" && new CloudflarePreflight("cloudflare-preflight", account);
    const certificates = new Certificates(
      "certificates",
      {
        settings,
        domain: "home.test",
        chart: versions.charts["cert-manager"],
        trustedCAs,
        ...(issuer !== "internal" && { cloudflareApiToken: pulumi.secret(TOKEN) }),
        gatekeeper,
      },
      { provider, dependsOn: preflight ? [preflight] : [] },
    );
    ca = certificates.internalCaCertificate;
    expect(certificates.clusterIssuer).toBe(issuer);
    new DefaultCertificate(
      "default-certificate",
      {
        ...{ domain: "home.test", namespace: "traefik", secretName: "the-certificate" },
        ...{ clusterIssuer: issuer, issuanceTimeoutSeconds: 300, gatekeeper },
      },
      { provider, dependsOn: [certificates] },
    );
  });
}

let all: Registration[];
let ca: pulumi.Output<string>;
const ours = (list = all): Registration[] =>
  list.filter(({ type }) => !type.startsWith("homelab:") && !type.startsWith("pulumi:"));
const named = (type: string, name: string, list = all): Registration => {
  const found = list.filter((one) => one.type === type && one.name === name);
  expect(found).toHaveLength(1);
  return found[0] as Registration;
};

/** Names of all resources that this one waits for, through components. */
function waitsFor(one: Registration): Set<string> {
  const byUrn = (urn: string): Registration[] => all.filter(({ type, name }) => urn.endsWith(`${type}::${name}`));
  const seen = new Set<Registration>();
  const visit = (current: Registration): void => {
    for (const next of [...current.dependencies, current.parent].flatMap(byUrn)) {
      if (seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(one);
  return new Set([...seen].map(({ name }) => name));
}

beforeAll(async () => {
  all = await record("production", { trustedCAs: ["-----BEGIN CERTIFICATE-----"] });
});

test("registers exactly cert-manager, the chosen issuer with its token, the internal CA and the gates", () => {
  expect(
    ours()
      .map(({ type, name }) => `${type} ${name}`)
      .sort(),
  ).toEqual(
    [
      `${COMMAND} cloudflare-preflight`,
      `${COMMAND} challenges-settled`,
      `${COMMAND} default-certificate-ready`,
      "kubernetes:core/v1:Namespace cert-manager-namespace",
      "kubernetes:core/v1:ConfigMap certificates-trusted-cas",
      "kubernetes:policy/v1:PodDisruptionBudget certificates-controller",
      "kubernetes:policy/v1:PodDisruptionBudget certificates-webhook",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy certificates-network-policy",
      `${RELEASE} cert-manager`,
      "tls:index/privateKey:PrivateKey certificates-internal-ca-key",
      "tls:index/selfSignedCert:SelfSignedCert certificates-internal-ca-certificate",
      `${SECRET} certificates-internal-ca-secret`,
      `${SECRET} certificates-cloudflare`,
      `${CUSTOM("ClusterIssuer")} certificates-internal`,
      `${CUSTOM("ClusterIssuer")} certificates-production`,
      `${CUSTOM("Certificate")} default-certificate`,
    ].sort(),
  );
});

test("the token is tried before anything of cert-manager is touched", () => {
  for (const one of ours()) {
    if (one.name === "cloudflare-preflight") continue;
    expect([one.name, waitsFor(one).has("cloudflare-preflight")]).toEqual([one.name, true]);
  }
  expect(waitsFor(named(COMMAND, "cloudflare-preflight")).size).toBe(1);
});

test("issuers wait for the release, the gate for the Certificate, and cert-manager goes after its challenges", () => {
  expect(waitsFor(named(CUSTOM("ClusterIssuer"), "certificates-production"))).toContain("cert-manager");
  expect(waitsFor(named(CUSTOM("ClusterIssuer"), "certificates-production"))).toContain("certificates-cloudflare");
  expect(waitsFor(named(CUSTOM("ClusterIssuer"), "certificates-internal"))).toContain(
    "certificates-internal-ca-secret",
  );
  expect(waitsFor(named(COMMAND, "default-certificate-ready")).has("default-certificate")).toBe(true);
  const settled = named(COMMAND, "challenges-settled");
  expect([...waitsFor(settled)]).toEqual(
    expect.arrayContaining(["cert-manager", "certificates-production", "certificates-internal"]),
  );
  expect(settled.inputs["delete"]).toBeDefined();
  expect(waitsFor(named(CUSTOM("Certificate"), "default-certificate"))).toContain("challenges-settled");
});

test("token and keys are secrets wherever they are, and in no value of the chart", () => {
  const holders = ours().filter(({ inputs }) => JSON.stringify({ ...inputs, connection: null }).includes(TOKEN));
  expect(holders.map(({ name }) => name).sort()).toEqual(["certificates-cloudflare", "cloudflare-preflight"]);
  const preflight = named(COMMAND, "cloudflare-preflight");
  expect(preflight.inputs["stdin"]).toBe(TOKEN);
  expect(preflight.secretInputs).toContain("stdin");
  expect(String(preflight.inputs["create"])).not.toContain(TOKEN);
  expect(named(SECRET, "certificates-cloudflare").secretInputs).toContain("stringData");
  expect(named(SECRET, "certificates-internal-ca-secret").secretInputs).toContain("stringData");
  expect(named(RELEASE, "cert-manager").secretInputs).toEqual([]);
});

test("the internal CA's certificate is for everyone to see", async () => {
  expect(await pulumi.isSecret(ca)).toBe(false);
  const { dependencies } = named(SECRET, "certificates-internal-ca-secret");
  expect(dependencies).toContainEqual(expect.stringMatching(/::certificates-internal-ca-certificate$/));
});

test("every Kubernetes object has the cluster's provider", () => {
  for (const one of ours().filter(({ type }) => type.startsWith("kubernetes:"))) {
    expect([one.name, one.provider.includes("pulumi:providers:kubernetes::home")]).toEqual([one.name, true]);
  }
});

test("the namespace takes restricted pods only", () => {
  expect(named("kubernetes:core/v1:Namespace", "cert-manager-namespace").inputs["metadata"]).toMatchObject({
    name: "cert-manager",
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
});

test("the issuer asks Let's Encrypt, by DNS-01 for the domain only", () => {
  expect(named(CUSTOM("ClusterIssuer"), "certificates-production").inputs).toMatchObject({
    metadata: { name: "production" },
    spec: {
      acme: {
        server: "https://acme-v02.api.letsencrypt.org/directory",
        email: "admin@home.test",
        privateKeySecretRef: { name: "acme-account-production" },
        solvers: [
          {
            selector: { dnsZones: ["home.test"] },
            dns01: { cloudflare: { apiTokenSecretRef: { name: "cloudflare-api-token", key: "api-token" } } },
          },
        ],
      },
    },
  });
});

test("another ACME server is asked with its own CA bundle", async () => {
  const acme = { server: "https://acme.test/dir", caBundle: "PEM\n" };
  const staging = named(CUSTOM("ClusterIssuer"), "certificates-staging", await record("staging", { acme }));
  expect(staging.inputs["spec"]).toMatchObject({
    acme: {
      server: "https://acme.test/dir",
      caBundle: Buffer.from("PEM\n").toString("base64"),
      privateKeySecretRef: { name: "acme-account-staging" },
    },
  });
});

test("from staging to production only the ACME issuer, the Certificate's reference and its gate change", async () => {
  const other = await record("staging", { trustedCAs: ["-----BEGIN CERTIFICATE-----"] });
  const key = ({ type, name, inputs }: Registration): string => JSON.stringify([type, name, inputs]);
  const before = new Set(ours().map(key));
  const changed = ours(other).filter((one) => !before.has(key(one)));
  expect(changed.map(({ name }) => name).sort()).toEqual([
    "certificates-staging",
    "default-certificate",
    "default-certificate-ready",
  ]);
});

test("with the internal CA nothing is asked of Cloudflare or of an ACME server", async () => {
  const internal = ours(await record("internal"));
  const names = internal.map(({ name }) => name);
  expect(names).toContain("certificates-internal");
  for (const name of ["cloudflare-preflight", "certificates-cloudflare", "certificates-production"]) {
    expect(names).not.toContain(name);
  }
  // Without trusted CAs there is no ConfigMap, either.
  expect(names).not.toContain("certificates-trusted-cas");
});

test("an ACME issuer without a token or an e-mail address is a mistake of the composition", async () => {
  const build = (more: object): Certificates =>
    new Certificates("certificates", {
      settings: { issuer: "staging", acme: {}, recursiveNameservers: [], issuanceTimeoutSeconds: 300 },
      domain: "home.test",
      chart: versions.charts["cert-manager"],
      trustedCAs: [],
      gatekeeper: { host: host(1), sshPrivateKey: "key" },
      ...more,
    });
  expect.assertions(2);
  await recordProgram(() => {
    expect(() => build({})).toThrow("needs the secret homelab:cloudflareApiToken");
  });
  await recordProgram(() => {
    expect(() => build({ cloudflareApiToken: "token" })).toThrow("needs certificates.email");
  });
});

test("the default certificate is the wildcard with the apex, for a key of its own each time", () => {
  expect(named(CUSTOM("Certificate"), "default-certificate").inputs).toMatchObject({
    metadata: { name: "default", namespace: "traefik" },
    spec: {
      secretName: "the-certificate",
      dnsNames: ["home.test", "*.home.test"],
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "production" },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      revisionHistoryLimit: 3,
    },
  });
  expect(named(CUSTOM("Certificate"), "default-certificate").inputs["spec"]).not.toHaveProperty("duration");
});
