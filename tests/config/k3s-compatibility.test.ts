import { assertK3sTakes, k3sMinor, k3sMinors, k3sTokenRotationFrom } from "../../config/k3s-compatibility";
import { parseConfig } from "../../config/parse";
import { versions } from "../../config/versions";
import { validConfig } from "./valid";

test("reads the minor of a release", () => {
  expect(k3sMinor("v1.34.2+k3s1")).toBe(34);
  expect(k3sMinor("v2.0.0+k3s1")).toBeNaN();
});

test("knows the release that a home gets, and the one that the sandbox runs", () => {
  expect(k3sMinors).toContain(k3sMinor(versions.k3s));
  expect(k3sMinors).toContain(25);
});

test("the first minor that can change a cluster's token is let do so, and the one before is not", () => {
  const configOf = (minor: number, tokenGeneration: number) => {
    const config = validConfig();
    config.cluster = { ...config.cluster, k3sVersion: `v1.${minor}.0+k3s1`, tokenGeneration };
    return () => parseConfig(config);
  };
  expect(configOf(k3sTokenRotationFrom, 2)).not.toThrow();
  expect(configOf(k3sTokenRotationFrom - 1, 2)).toThrow("cluster.tokenGeneration: found 2, but k3s v1.28.0+k3s1");
  expect(configOf(k3sTokenRotationFrom - 1, 1)).not.toThrow();
});

test.each(k3sMinors)("1.%i takes what every minor takes", (minor) => {
  const settings = {
    "cluster-init": true,
    "secrets-encryption": true,
    "flannel-ipv6-masq": true,
    disable: ["traefik", "servicelb", "local-storage"],
    "kube-controller-manager-arg": ["node-monitor-grace-period=20s"],
    "kube-apiserver-arg": ["default-not-ready-toleration-seconds=60"],
  };
  expect(() => assertK3sTakes(`v1.${minor}.1+k3s1`, "server", settings)).not.toThrow();
});

test.each([
  ["v1.24.9+k3s1", {}, "not known which settings"],
  ["v1.37.0+k3s1", {}, "choose a release of 1.25 to 1.36"],
  ["v1.34.2+k3s1", { "no-such-key": true }, "no-such-key: not in the table"],
  ["v1.34.2+k3s1", { constructor: true }, "constructor: not in the table"],
  ["v1.34.2+k3s1", { disable: ["treafik"] }, "disable treafik: not in the table"],
  ["v1.34.2+k3s1", { "kubelet-arg": "no-such=1" }, "kubelet-arg no-such: not in the table"],
  ["v1.29.9+k3s1", { "embedded-registry": true }, "embedded-registry: taken from 1.30 on"],
  ["v1.35.1+k3s1", { "kubelet-arg": ["pod-infra-container-image=x"] }, "not taken after 1.34; use pause-image"],
  ["v1.27.1+k3s1", { "kube-controller-manager-arg": ["pod-eviction-timeout=1m"] }, "not taken after 1.26"],
])("k3s %s refuses %p", (version, settings, message) => {
  expect(() => assertK3sTakes(version, "server", settings)).toThrow(message);
});

test("an agent takes no setting of servers", () => {
  expect(() => assertK3sTakes("v1.34.2+k3s1", "agent", { "node-ip": "192.168.1.14" })).not.toThrow();
  expect(() => assertK3sTakes("v1.34.2+k3s1", "agent", { "cluster-init": true })).toThrow("cluster-init");
});

test("names everything that is refused at once", () => {
  expect(() => assertK3sTakes("v1.34.2+k3s1", "server", { one: 1, disable: ["two"] })).toThrow(/one: [\s\S]*\n.*two: /);
});
