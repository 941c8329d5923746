import { routerSettings } from "../../operations/network";
import { settingsText } from "../../operations/network-text";
import { app, dualStackHome, home, host, withLayers } from "../support/homes";

const text = (...args: Parameters<typeof routerSettings>): string => settingsText(routerSettings(...args));

test("says what to set in the router of a home with every layer on", () => {
  expect(text(withLayers(home(host(1), host(2))))).toBe(
    [
      "DHCP: keep these addresses out of the range it gives away",
      "  192.0.2.10               Kubernetes API",
      "  192.0.2.11               host pi1",
      "  192.0.2.12               host pi2",
      "  192.0.2.202-192.0.2.219  address pool default",
      "  192.0.2.200-192.0.2.201  address pool fixed",
      "",
      "DHCP: hand out as name server these addresses and no other, which would not know the home's names",
      "  192.0.2.201",
      "",
      "Port forwards, for home.test, whoami.home.test",
      "  IPv4  forward TCP 80   to  192.0.2.200",
      "  IPv4  forward TCP 443  to  192.0.2.200",
    ].join("\n"),
  );
});

test("opens the ways that the public names need, in both families", () => {
  const { openings } = routerSettings(withLayers(dualStackHome(host(1))));
  expect(openings).toEqual([
    { family: "ipv4", protocol: "tcp", port: 80, to: "192.0.2.200" },
    { family: "ipv4", protocol: "tcp", port: 443, to: "192.0.2.200" },
    { family: "ipv6", protocol: "tcp", port: 80, to: "fd00:c0:ffee::200" },
    { family: "ipv6", protocol: "tcp", port: 443, to: "fd00:c0:ffee::200" },
  ]);
});

test("opens nothing for a family that has no sources", () => {
  const config = withLayers(dualStackHome(host(1)));
  const addressSources = { ipv4: config.publicDns!.addressSources.ipv4, ipv6: [] };
  const { openings, notes } = routerSettings({ ...config, publicDns: { names: ["whoami"], addressSources } });
  expect(openings.map(({ family }) => family)).toEqual(["ipv4", "ipv4"]);
  expect(notes).toEqual([]);
});

test("a home without public names needs no port forward", () => {
  const config = { ...withLayers(home(host(1))), publicDns: undefined };
  expect(routerSettings(config)).toMatchObject({ openings: [], publicNames: [], notes: [] });
  expect(text(config)).toContain("\n\nPort forwards: none; no name is public, and certificates need no way in");
});

test("without the LAN's name server, says which names another one must answer", () => {
  const config = { ...withLayers(home(host(1))), lanDns: undefined };
  expect(text(config)).toContain("\n\nDHCP: name server: leave as it is\n");
  expect(routerSettings(config).notes).toEqual([
    "homelab:lanDns is off: the LAN's own name server must answer home.test and *.home.test with 192.0.2.200.",
  ]);
});

test("a cluster alone needs its addresses kept free, and nothing else", () => {
  expect(routerSettings(home(host(1)))).toEqual({
    openings: [],
    nameServers: [],
    reserved: [
      { addresses: "192.0.2.10", purpose: "Kubernetes API" },
      { addresses: "192.0.2.11", purpose: "host pi1" },
    ],
    publicNames: [],
    notes: [],
  });
});

test("a local IPv6 address can only be reached by a router that translates", () => {
  const config = withLayers(dualStackHome(host(1)));
  expect(routerSettings(config).notes).toEqual([
    expect.stringMatching(/last 64 bits of fd00:c0:ffee::200, .* translate that prefix to fd00:c0:ffee::\/64/),
  ]);
  const ingress = { ...config.ingress!, address: { ipv4: "192.0.2.200", ipv6: "2001:db8::200" } };
  expect(routerSettings({ ...config, ingress }).notes).toEqual([]);
});

describe("what the public names and the apps' access make of each other", () => {
  const notes = (names: string[], access: "lan" | "everyone", ipv4?: string[]): readonly string[] => {
    const config = withLayers(home(host(1)), { apps: { whoami: app("hello", { access }) } });
    const addressSources = { ipv4: ipv4 ?? config.publicDns!.addressSources.ipv4, ipv6: [] };
    return routerSettings({ ...config, publicDns: { names, addressSources } }).notes;
  };

  test.each([[["hello"]], [["@", "*"]]])("%j: a public name of an app for the LAN alone is pointed out", (names) => {
    expect(notes(names, "lan")).toEqual([
      "hello.home.test is public, but the app whoami has access: lan and refuses whoever is not in the LAN.",
    ]);
    expect(notes(names, "everyone")).toEqual([]);
  });

  test("an app without a public name is only hidden as long as the ports lead to it", () => {
    expect(notes(["@", "hello.other"], "everyone")).toEqual([
      "hello.home.test has no public record, but the app whoami is reached through the same ports by whoever guesses the name; access: lan closes it.",
    ]);
    expect(notes(["@"], "lan")).toEqual([]);
    expect(notes(["@"], "everyone", [])).toEqual([]);
  });
});
