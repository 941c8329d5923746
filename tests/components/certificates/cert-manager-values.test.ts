import {
  type CertManagerValuesArgs,
  certManagerValues,
  trustedCAsData,
} from "../../../components/certificates/cert-manager-values";

const args: CertManagerValuesArgs = {
  version: "v1.21.1",
  recursiveNameservers: ["1.1.1.1:53", "9.9.9.9:53"],
  trustedCAs: [],
};
const values = (more: Partial<CertManagerValuesArgs> = {}): Record<string, unknown> =>
  certManagerValues({ ...args, ...more });

test.each([
  ["v1.21.1", { crds: { enabled: true, keep: true } }, "installCRDs"],
  ["1.15.0", { crds: { enabled: true, keep: true } }, "installCRDs"],
  ["v1.14.7", { installCRDs: true }, "crds"],
  ["v1.11.5", { installCRDs: true }, "crds"],
])("the chart %s installs its CRDs in the way that it knows", (version, expected, other) => {
  expect(values({ version })).toMatchObject(expected);
  expect(values({ version })).not.toHaveProperty(other);
});

test("a version that is none is refused", () => {
  expect(() => values({ version: "latest" })).toThrow("the version latest, which is none");
});

test("only the given name servers are asked whether a challenge's record is published", () => {
  expect(values()["extraArgs"]).toEqual([
    "--dns01-recursive-nameservers=1.1.1.1:53,9.9.9.9:53",
    "--dns01-recursive-nameservers-only",
  ]);
});

test("controller and webhook have two replicas on different nodes and leave a dead node after 30 s", () => {
  const all = values() as Record<string, Record<string, unknown>>;
  for (const part of [all, all["webhook"] as Record<string, unknown>]) {
    expect(part["replicaCount"]).toBe(2);
    expect(part["topologySpreadConstraints"]).toHaveLength(1);
  }
  for (const part of [all, all["webhook"], all["cainjector"]]) {
    expect(part?.["tolerations"]).toContainEqual(expect.objectContaining({ tolerationSeconds: 30 }));
    expect(part?.["resources"]).toEqual({ requests: expect.anything(), limits: expect.anything() });
  }
});

test("the release waits for a webhook that answers, after an installation and after an upgrade", () => {
  const hook = { "helm.sh/hook": "post-install,post-upgrade" };
  expect(values()["startupapicheck"]).toMatchObject({
    enabled: true,
    jobAnnotations: hook,
    rbac: { annotations: hook },
    serviceAccount: { annotations: hook },
  });
});

test("without further CAs the image's own are left alone", () => {
  for (const key of ["volumes", "volumeMounts", "extraEnv", "podAnnotations"]) expect(values()).not.toHaveProperty(key);
});

test("further CAs are read beside the image's, and other ones make other pods", () => {
  const one = values({ trustedCAs: ["one"] });
  expect(one["extraEnv"]).toEqual([{ name: "SSL_CERT_DIR", value: "/etc/ssl/certs:/etc/homelab/trusted-cas" }]);
  expect(one["volumes"]).toEqual([{ name: "trusted-cas", configMap: { name: "trusted-cas" } }]);
  expect(one["podAnnotations"]).not.toEqual(values({ trustedCAs: ["two"] })["podAnnotations"]);
  expect(trustedCAsData(["one", "two\n"])).toEqual({ "trusted-cas.crt": "one\ntwo\n" });
});
