import { join } from "node:path";
import { parseConfig } from "../../config/parse";
import { ConfigError } from "../../config/problems";
import { readStackFile } from "../../config/stack-file";
import { versions } from "../../config/versions";
import { dualStackConfig, validConfig } from "./valid";

describe("parseConfig", () => {
  test("fills every default", () => {
    const { config, warnings } = parseConfig(validConfig());
    expect(warnings).toEqual([]);
    expect(config.cluster).toEqual({
      name: "home",
      k3sVersion: versions.k3s,
      highAvailability: true,
      localStorage: true,
      metricsServer: true,
      joinTimeoutSeconds: 600,
      drainTimeoutSeconds: 300,
      removedServers: [],
      tokenGeneration: 1,
      extraFlags: { server: {}, agent: {} },
    });
    expect(config.network).toEqual({
      lan: { ipv4: "192.168.1.0/24" },
      apiVip: { ipv4: "192.168.1.10" },
      virtualRouterId: 51,
      podCidrs: { ipv4: "10.42.0.0/16" },
      serviceCidrs: { ipv4: "10.43.0.0/16" },
    });
    expect(config.hostSettings).toEqual({
      minimumServerMemoryMiB: 1700,
      fsyncLimitMilliseconds: 100,
      nameservers: [],
      journalMaxMiB: 200,
      trim: true,
      watchdogSeconds: 15,
      securityUpdates: true,
      protectKernelDefaults: false,
      shutdownGraceSeconds: 30,
      imageGc: { highPercent: 80, lowPercent: 70 },
      sshHardening: true,
    });
    expect(config.artifacts).toEqual({
      k3s: { baseUrl: "https://github.com/k3s-io/k3s/releases/download", sha256: {} },
      registryMirrors: {},
    });
    expect(config.hosts[0]).toEqual({
      ...validConfig().hosts[0],
      user: "pi",
      port: 22,
      interface: "eth0",
      labels: {},
      taints: [],
      dataDisks: [],
    });
  });

  test("gives a dual-stack cluster IPv6 networks, and canonical addresses", () => {
    const { network, hosts } = parseConfig(dualStackConfig()).config;
    expect(network.lan.ipv6).toBe("fd00:1::/64");
    expect(network.apiVip.ipv6).toBe("fd00:1::10");
    expect(network.podCidrs.ipv6).toBe("fd00:42::/56");
    expect(network.serviceCidrs.ipv6).toBe("fd00:43::/112");
    expect(hosts.map((host) => host.ipv6)).toEqual(["fd00:1::11", "fd00:1::12", "fd00:1::13"]);
  });

  test("merges defaults into hosts, whose own values win", () => {
    const raw = validConfig();
    raw.defaults = { user: "admin", interface: "end0" };
    raw.hosts[1] = { ...raw.hosts[1]!, user: "root", port: 2222 };
    const { hosts } = parseConfig(raw).config;
    expect(hosts.map(({ user, port, interface: name }) => [user, port, name])).toEqual([
      ["admin", 22, "end0"],
      ["root", 2222, "end0"],
      ["admin", 22, "end0"],
    ]);
  });

  test("drops the comment of a host key and the slash at the end of a base URL", () => {
    const raw = validConfig();
    raw.hosts[0]!.hostKey += " root@raspberrypi";
    raw.artifacts = { k3s: { baseUrl: "http://mirror.example.org/k3s/" } };
    const { config } = parseConfig(raw);
    expect(config.hosts[0]?.hostKey).toBe(validConfig().hosts[0]?.hostKey);
    expect(config.artifacts.k3s.baseUrl).toBe("http://mirror.example.org/k3s");
  });

  test("freezes the result at every depth", () => {
    const { config } = parseConfig(validConfig());
    const depths = [config, config.cluster, config.network.lan, config.hosts, config.hosts[0], config.hosts[0]?.labels];
    expect(depths.map(Object.isFrozen)).toEqual(depths.map(() => true));
  });

  test.each([
    [2, 0],
    [4, 1],
    [6, 2],
  ])("warns of %i servers, which tolerate the loss of %i", (count, tolerated) => {
    const { warnings } = parseConfig(withServers(count));
    expect(warnings).toEqual([
      expect.stringContaining(`found ${count} servers; an even number tolerates the loss of ${tolerated}`),
    ]);
  });

  test.each([3, 5, 7])("takes %i servers without a warning", (count) => {
    expect(parseConfig(withServers(count)).warnings).toEqual([]);
  });

  test("takes a single server if high availability is given up", () => {
    const raw = withServers(1);
    raw.cluster.highAvailability = false;
    expect(parseConfig(raw).config.hosts).toHaveLength(1);
  });

  test("reports all mistakes together, those of fields and those between fields", () => {
    const raw = validConfig();
    raw.domain = "HOME";
    raw.hosts[1]!.name = "pi1";
    raw.hosts[2]!.address = "10.0.0.1";
    const thrown = errorOf(raw);
    expect(thrown.problems.map(({ path }) => path)).toEqual(["domain", "hosts[1].name", "hosts[2].address"]);
    expect(thrown.message.split("\n")).toHaveLength(4);
  });

  test.each([undefined, null, 42, "text", []])("refuses %p as a whole", (raw) => {
    expect(errorOf(raw).problems.length).toBeGreaterThan(0);
  });

  test("never repeats a private key", () => {
    const raw = validConfig();
    raw.domain = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA";
    expect(errorOf(raw).message).not.toContain("b3BlbnNz");
  });

  test("takes the example of a home", () => {
    const { config, warnings } = parseConfig(readStackFile(join(__dirname, "../../Pulumi.home.yaml")));
    expect(warnings).toEqual([]);
    expect(config.hosts.map(({ role }) => role)).toEqual(["server", "server", "server"]);
  });
});

function withServers(count: number): ReturnType<typeof validConfig> {
  const raw = validConfig();
  const blob = Buffer.from(raw.hosts[0]!.hostKey.split(" ")[1]!, "base64");
  raw.hosts = Array.from({ length: count }, (_, index) => {
    blob[blob.length - 1] = index;
    const hostKey = `ssh-ed25519 ${blob.toString("base64")}`;
    return { name: `pi${index}`, role: "server", address: `192.168.1.${20 + index}`, hostKey };
  });
  return raw;
}

function errorOf(raw: unknown): ConfigError {
  try {
    parseConfig(raw);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the configuration was taken");
}
