import * as fc from "fast-check";
import { poolFindings, poolUses, poolUseText } from "../../../operations/layers/pools";
import { at, cluster, failure, pool, service } from "../kubernetes";

const both = pool("default", "192.0.2.200-192.0.2.219", "fd00::200-fd00::219");
const filling = Array.from({ length: 18 }, (_, index) => service(`default/fill-${index}`, [`192.0.2.${202 + index}`]));
const layers = [
  service("traefik/traefik", ["192.0.2.200", "fd00::200"], "IPv4", "IPv6"),
  service("dns/lan-dns", ["192.0.2.201", "fd00::201"], "IPv4", "IPv6"),
];

test("a pool's use is counted by family; a shared address once, one from elsewhere not at all", () => {
  const services = [
    ...layers,
    service("default/shares", ["192.0.2.201"]),
    service("default/elsewhere", ["198.51.100.1"]),
    { ...service("default/inner", []), spec: { type: "ClusterIP" } },
  ];
  expect(poolUses(cluster({ pools: [both], services }))).toEqual([
    { pool: "default", family: "ipv4", used: 2, total: 20 },
    // ::200 to ::219 are hexadecimal.
    { pool: "default", family: "ipv6", used: 2, total: 26 },
  ]);
});

test.each([
  ["192.168.0.0/24", true, 254],
  ["192.168.0.0/23", true, 508],
  ["192.168.0.0/24", false, 256],
  ["192.168.0.250-192.168.1.5", true, 10],
  ["192.168.0.1-192.168.0.254", true, 254],
  ["0.0.0.0-0.0.0.9", true, 9],
  ["fd00::-fd00::ff", true, 256],
])("of %s with avoidBuggyIPs %s, %i addresses are given away", (range, avoidBuggyIPs, total) => {
  const one = { ...pool("one", range), spec: { addresses: [range], avoidBuggyIPs } };
  expect(poolUses(cluster({ pools: [one] }))).toEqual([expect.objectContaining({ total })]);
});

test("for any range, that is what counting one by one finds", () => {
  const text = (value: number) => `10.0.${value >> 8}.${value & 255}`;
  fc.assert(
    fc.property(fc.nat(2000), fc.nat(2000), (first, length) => {
      const all = Array.from({ length: length + 1 }, (_, index) => first + index);
      const total = all.filter((value) => (value & 255) !== 0 && (value & 255) !== 255).length;
      const [use] = poolUses(cluster({ pools: [pool("p", `${text(first)}-${text(first + length)}`)] }));
      expect(use?.total).toBe(total);
    }),
  );
});

test("a huge IPv6 pool is not counted out", () => {
  const [use] = poolUses(cluster({ pools: [pool("p", "fd00::/64")] }));
  expect(use && poolUseText(use)).toBe("0 of more than a million IPv6 addresses used");
});

test("a Service that waits is named, with MetalLB's last reason and how full the pools of its family are", () => {
  const services = [...layers, ...filling, service("default/fill-18", [])];
  const allocationFailures = [
    failure("fill-18", "no available IPs", -10),
    failure("fill-18", "an older reason", -600),
    failure("fill-17", "of another Service", -1),
  ];
  const found = poolFindings(cluster({ pools: [both], services, allocationFailures }));
  expect(found).toEqual([
    {
      severity: "error",
      where: "cluster",
      what: "Service default/fill-18 waits for an address, no available IPs (pool default: 20 of 20 IPv4 addresses used)",
      why: "nobody in the LAN reaches it",
      remedy: expect.stringContaining("kubectl --namespace default describe service fill-18"),
    },
  ]);
});

test("a new Service may wait a minute unless MetalLB says no; an event of its predecessor is not its own", () => {
  const fresh = service("default/fresh", []);
  const young = { ...fresh, metadata: { ...fresh.metadata, creationTimestamp: at(-30) } };
  const old = failure("fresh", "no available IPs", -20);
  const predecessor = { ...old, involvedObject: { ...old.involvedObject, uid: "another" } };
  const count = (more: Parameters<typeof cluster>[0]) => poolFindings(cluster({ pools: [both], ...more })).length;
  expect(count({ services: [young] })).toBe(0);
  expect(count({ services: [young], allocationFailures: [predecessor] })).toBe(0);
  expect(count({ services: [young], allocationFailures: [old] })).toBe(1);
  expect(count({ services: [fresh] })).toBe(1);
});

test("without any pool that is the reason", () => {
  expect(poolFindings(cluster({ services: [service("default/web", [])] }))[0]?.what).toBe(
    "Service default/web waits for an address (there is no address pool)",
  );
});
