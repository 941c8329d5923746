import { join } from "node:path";
import { parseConfig } from "../../config/parse";
import type { ConfigError } from "../../config/problems";
import { readStackFile } from "../../config/stack-file";
import { versions } from "../../config/versions";
import { certificate, dualStackConfig, layeredConfig, validConfig, type RawConfig } from "./valid";

/** A dual-stack home with every layer on, IPv6 addresses in a form that is not canonical. */
function dualStackLayers(): RawConfig {
  const raw = { ...layeredConfig(), ...dualStackConfig() };
  raw.loadBalancer!.pools[0]!.addresses.push("FD00:1:0::202 - fd00:1::0219");
  raw.loadBalancer!.pools[1]!.addresses.push("fd00:1::200-fd00:1::201");
  raw.ingress!.address.ipv6 = "FD00:1::0200";
  raw.lanDns!.address.ipv6 = "fd00:1:0::201";
  return raw;
}

/** The same with addresses that the internet knows. */
function routedLayers(): RawConfig {
  return JSON.parse(JSON.stringify(dualStackLayers()).replace(/fd00:0?1:/gi, "2001:db8:")) as RawConfig;
}

test("without their sections the layers are off, and the versions are the registry's", () => {
  const { config } = parseConfig(validConfig());
  const layers = ["loadBalancer", "ingress", "certificates", "lanDns", "publicDns"];
  expect(layers.filter((name) => name in config)).toEqual([]);
  expect(config.apps).toEqual({});
  expect(config.trustedCAs).toEqual([]);
  expect(config.versions).toEqual({ charts: versions.charts, images: versions.images });
});

test("fills every default of every layer", () => {
  const { config, warnings } = parseConfig(layeredConfig());
  expect(warnings).toEqual([]);
  expect(config.loadBalancer).toEqual({
    pools: [
      { name: "default", addresses: ["192.168.1.202-192.168.1.219"], autoAssign: true, namespaces: [] },
      { name: "fixed", addresses: ["192.168.1.200-192.168.1.201"], autoAssign: false, namespaces: ["traefik", "dns"] },
    ],
    interfaces: ["eth0"],
    nodeSelector: {},
  });
  expect(config.ingress).toEqual({ address: { ipv4: "192.168.1.200" }, dashboard: true });
  expect(config.certificates).toEqual({
    issuer: "staging",
    email: "you@example.org",
    acme: {},
    recursiveNameservers: ["1.1.1.1:53", "9.9.9.9:53"],
    issuanceTimeoutSeconds: 600,
  });
  expect(config.lanDns).toEqual({
    address: { ipv4: "192.168.1.201" },
    forwarders: ["1.1.1.1", "9.9.9.9"],
    records: {},
  });
  expect(config.publicDns).toEqual({
    names: ["whoami"],
    addressSources: { ipv4: ["https://api.ipify.org", "https://ipv4.icanhazip.com"], ipv6: [] },
  });
  expect(config.apps).toEqual({
    whoami: { subdomain: "whoami", access: "everyone", certificate: "wildcard", middlewares: { basicAuth: false } },
  });
});

test("writes addresses of every layer canonically", () => {
  const raw = dualStackLayers();
  raw.lanDns!.forwarders = ["2606:4700:4700:0::1111"];
  raw.lanDns!.records = { nas: ["FD00:1::20", "192.168.1.20"] };
  raw.certificates!.recursiveNameservers = ["[2606:4700:4700:0::1111]:53"];
  raw.network.gateway = { ipv6: "FE80::1" };
  raw.network.dhcpRange = "192.168.1.100 - 192.168.1.199";
  const { loadBalancer, ingress, certificates, lanDns, network } = parseConfig(raw).config;
  expect(loadBalancer?.pools[0]?.addresses[1]).toBe("fd00:1::202-fd00:1::219");
  expect(ingress?.address).toEqual({ ipv4: "192.168.1.200", ipv6: "fd00:1::200" });
  expect(lanDns).toEqual({
    address: { ipv4: "192.168.1.201", ipv6: "fd00:1::201" },
    forwarders: ["2606:4700:4700::1111"],
    records: { nas: ["fd00:1::20", "192.168.1.20"] },
  });
  expect(certificates?.recursiveNameservers).toEqual(["[2606:4700:4700::1111]:53"]);
  expect(network.gateway).toEqual({ ipv6: "fe80::1" });
  expect(network.dhcpRange).toBe("192.168.1.100-192.168.1.199");
});

test("asks for a public IPv6 address unless the LAN's addresses are local, or somebody says otherwise", () => {
  const ofThe = (raw: RawConfig): readonly string[] | undefined =>
    parseConfig(raw).config.publicDns?.addressSources.ipv6;
  expect(ofThe(layeredConfig())).toEqual([]);
  expect(ofThe(dualStackLayers())).toEqual([]);
  expect(ofThe(routedLayers())).toEqual(["https://api6.ipify.org", "https://ipv6.icanhazip.com"]);
  const ipv6 = ["https://one.example.org", "https://two.example.net"];
  expect(ofThe({ ...dualStackLayers(), publicDns: { names: ["@"], addressSources: { ipv6 } } })).toEqual(ipv6);
  expect(ofThe({ ...routedLayers(), publicDns: { names: ["@"], addressSources: { ipv6: [] } } })).toEqual([]);
});

test("announces on each interface that a host has, and assigns from the first pool only", () => {
  const raw = layeredConfig();
  raw.hosts[1]!.interface = "end0";
  raw.loadBalancer!.pools.push({ name: "other", addresses: ["192.168.1.224/29"] });
  const { loadBalancer } = parseConfig(raw).config;
  expect(loadBalancer?.interfaces).toEqual(["eth0", "end0"]);
  expect(loadBalancer?.pools.map(({ autoAssign }) => autoAssign)).toEqual([true, false, false]);
});

test("takes what a person chose", () => {
  const raw = layeredConfig();
  raw.loadBalancer = { ...raw.loadBalancer!, interfaces: ["wlan0"], nodeSelector: { rack: "shelf" } };
  raw.loadBalancer.pools[0]!.autoAssign = false;
  raw.hosts[1]!.labels = { rack: "shelf", disk: "large" };
  raw.publicDns!.addressSources = { ipv4: ["https://one.example.org", "https://two.example.net/ip?text"] };
  const rewrite = { regex: "^/old/(.*)", replacement: "/new/$1" };
  raw.apps!.whoami = {
    subdomain: "me",
    access: "lan",
    certificate: "own",
    middlewares: { basicAuth: true, rewrite, headers: {}, requestsPerSecond: 20 },
  };
  const { loadBalancer, publicDns, apps } = parseConfig(raw).config;
  expect(loadBalancer).toMatchObject({ interfaces: ["wlan0"], nodeSelector: { rack: "shelf" } });
  expect(loadBalancer?.pools[0]?.autoAssign).toBe(false);
  expect(publicDns?.addressSources.ipv4).toEqual(["https://one.example.org", "https://two.example.net/ip?text"]);
  expect(apps.whoami).toEqual({
    subdomain: "me",
    access: "lan",
    certificate: "own",
    middlewares: { basicAuth: true, rewrite, headers: { hstsSeconds: 0 }, requestsPerSecond: 20 },
  });
});

test("a home may keep to IPv6 records, as behind a provider's shared IPv4 address", () => {
  const raw = routedLayers();
  raw.publicDns!.addressSources = { ipv4: [] };
  expect(parseConfig(raw).config.publicDns?.addressSources.ipv4).toEqual([]);
});

test("warns if no family has a source, which removes every record", () => {
  const warnings = (raw: RawConfig, ipv4: string[] | undefined, ipv6: string[] | undefined) => {
    raw.publicDns!.addressSources = { ipv4, ipv6 };
    return parseConfig(raw).warnings;
  };
  const removed = [expect.stringContaining("all public records of this home will be removed")];
  expect(warnings(routedLayers(), [], [])).toEqual(removed);
  expect(warnings(dualStackLayers(), [], undefined)).toEqual(removed);
  expect([...warnings(routedLayers(), [], undefined), ...warnings(routedLayers(), undefined, [])]).toEqual([]);
});

test("warns of a fixed address that any service may be given, once for each layer", () => {
  const raw = dualStackLayers();
  const [first, fixed] = raw.loadBalancer!.pools;
  fixed!.autoAssign = true;
  expect(parseConfig(raw).warnings).toEqual([
    expect.stringMatching(/^ingress\.address\.ipv4: found "192\.168\.1\.200" in a pool .* autoAssign: false$/),
    expect.stringMatching(/^lanDns\.address\.ipv4: /),
  ]);
  delete fixed!.autoAssign;
  raw.loadBalancer!.pools = [fixed!, first!];
  expect(parseConfig(raw).warnings).toHaveLength(2);
  // Its own services alone.
  fixed!.namespaces = ["traefik"];
  delete raw.lanDns;
  expect(parseConfig(raw).warnings).toEqual([]);
});

test("nodes are chosen by labels of one server at least, as far as it is known here who has them", () => {
  const problems = (labels: Record<string, string>, change: (raw: RawConfig) => void = () => undefined): number => {
    const raw = layeredConfig();
    raw.loadBalancer!.nodeSelector = labels;
    change(raw);
    try {
      parseConfig(raw);
      return 0;
    } catch (error) {
      return (error as ConfigError).problems.filter(({ rule }) => rule === "unannounced").length;
    }
  };
  const withoutUsers = (raw: RawConfig): void => {
    for (const section of ["ingress", "lanDns", "publicDns", "apps"] as const) delete raw[section];
  };
  expect(problems({ rack: "shelf" })).toBe(1);
  expect(problems({ rack: "shelf" }, (raw) => delete raw.lanDns)).toBe(1);
  expect(problems({ rack: "shelf" }, withoutUsers)).toBe(0);
  expect(problems({ rack: "shelf" }, (raw) => (raw.hosts[2]!.labels = { rack: "shelf" }))).toBe(0);
  expect(problems({ rack: "shelf" }, (raw) => (raw.hosts[2]!.labels = { rack: "other" }))).toBe(1);
  // What is wrong with these labels is reported instead.
  expect(problems({ rack: "shelf" }, (raw) => (raw.hosts[2]!.labels = { rack: "no label" }))).toBe(0);
  expect(problems({ "kubernetes.io/hostname": "pi1", "node-role.kubernetes.io/etcd": "true" })).toBe(0);
  expect(problems({ "k3s.io/x": "y", rack: "shelf" })).toBe(1);
});

test("the internal issuer needs neither e-mail nor a domain that others know", () => {
  const raw = layeredConfig();
  delete raw.publicDns;
  raw.domain = "home.arpa";
  raw.certificates = { issuer: "internal" };
  expect(parseConfig(raw).config.certificates).toEqual(expect.not.objectContaining({ email: expect.anything() }));
});

test("overrides single versions and images, and the repository of all charts", () => {
  const raw = validConfig();
  raw.versions = { charts: { "cert-manager": "v1.11.5" }, images: { coredns: "docker.io/coredns/coredns:1.11.3" } };
  raw.artifacts = { chartRepository: "http://mirror.example.org/charts/" };
  const { charts, images } = parseConfig(raw).config.versions;
  const repository = "http://mirror.example.org/charts";
  expect(charts).toEqual({
    metallb: { repository, version: versions.charts.metallb.version },
    traefik: { repository, version: versions.charts.traefik.version },
    "cert-manager": { repository, version: "v1.11.5" },
  });
  expect(images).toEqual({ ...versions.images, coredns: "docker.io/coredns/coredns:1.11.3" });
});

test("what the registry names would be taken from a stack file, too", () => {
  const raw = validConfig();
  const charts = Object.fromEntries(Object.entries(versions.charts).map(([name, { version }]) => [name, version]));
  raw.versions = { charts, images: versions.images };
  expect(parseConfig(raw).config.versions).toEqual({ charts: versions.charts, images: versions.images });
});

test("takes the sandbox's stack file once the sandbox has filled in the host keys", () => {
  const raw = readStackFile(join(__dirname, "../../Pulumi.sandbox.yaml")) as unknown as RawConfig;
  raw.hosts.forEach((host, index) => (host.hostKey = validConfig().hosts[index]!.hostKey));
  const { config, warnings } = parseConfig(raw);
  expect(warnings).toEqual([]);
  expect(config.apps.whoami).toBeDefined();
});

test("how a certificate was indented in YAML makes no difference", () => {
  const raw = validConfig();
  raw.trustedCAs = [`\n${certificate}\n\n`];
  expect(parseConfig(raw).config.trustedCAs).toEqual([certificate]);
});

test("warns of HSTS while certificates are Let's Encrypt's staging, and only then", () => {
  const raw = layeredConfig();
  raw.apps!.whoami = { middlewares: { headers: { hstsSeconds: 300 } } };
  expect(parseConfig(raw).warnings).toEqual([expect.stringContaining("apps.whoami.middlewares.headers.hstsSeconds")]);
  raw.certificates!.issuer = "production";
  expect(parseConfig(raw).warnings).toEqual([]);
});
