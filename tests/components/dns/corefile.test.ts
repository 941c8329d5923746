import { corefile, zoneFile, type LanNames } from "../../../components/dns/corefile";

const dual = (last: number) => ({ ipv4: `192.0.2.${last}`, ipv6: `fd00:c0:ffee::${last}` });
const names: LanNames = {
  domain: "home.test",
  ingress: dual(200),
  apiVip: dual(10),
  nameServer: dual(201),
  hosts: [
    { name: "pi2", address: "192.0.2.12", ipv6: "fd00:c0:ffee::12" },
    { name: "pi1", address: "192.0.2.11", ipv6: "fd00:c0:ffee::11" },
  ],
  records: { nas: ["192.0.2.20", "192.0.2.21"] },
};

/** Serial number of the zone; it stands for the content and says nothing by itself. */
const serialOf = (zone: string): string => / hostmaster (\d+) /.exec(zone)?.[1] ?? "";

test("the zone has hosts, API, name server and further names; all other names are the ingress", () => {
  const zone = zoneFile(names);
  expect(zone).toBe(
    [
      "$ORIGIN home.test.",
      "$TTL 60",
      `@ IN SOA dns hostmaster ${serialOf(zone)} 3600 600 86400 60`,
      "@ IN NS dns",
      "* IN A 192.0.2.200",
      "* IN AAAA fd00:c0:ffee::200",
      "@ IN A 192.0.2.200",
      "@ IN AAAA fd00:c0:ffee::200",
      "api IN A 192.0.2.10",
      "api IN AAAA fd00:c0:ffee::10",
      "dns IN A 192.0.2.201",
      "dns IN AAAA fd00:c0:ffee::201",
      "nas IN A 192.0.2.20",
      "nas IN A 192.0.2.21",
      "pi1 IN A 192.0.2.11",
      "pi1 IN AAAA fd00:c0:ffee::11",
      "pi2 IN A 192.0.2.12",
      "pi2 IN AAAA fd00:c0:ffee::12",
      "",
    ].join("\n"),
  );
});

test("without an ingress no name is invented, without IPv6 no AAAA record", () => {
  const zone = zoneFile({
    ...names,
    ingress: undefined,
    apiVip: { ipv4: "192.0.2.10" },
    nameServer: { ipv4: "192.0.2.201" },
    hosts: [{ name: "pi1", address: "192.0.2.11" }],
    records: {},
  });
  expect(zone.split("\n").slice(4)).toEqual(["api IN A 192.0.2.10", "dns IN A 192.0.2.201", "pi1 IN A 192.0.2.11", ""]);
});

test("a further name wins over one of ours", () => {
  const zone = zoneFile({ ...names, records: { api: ["192.0.2.99"], "*": ["192.0.2.98"] } });
  expect(zone).toMatch(/^api IN A 192\.0\.2\.99\ndns /m);
  expect(zone).toMatch(/^\* IN A 192\.0\.2\.98\n@ /m);
});

test("the serial number is another exactly if the zone is", () => {
  const serial = serialOf(zoneFile(names));
  expect(Number(serial)).toBeLessThan(2 ** 32);
  expect(serialOf(zoneFile({ ...names, hosts: [...names.hosts].reverse() }))).toBe(serial);
  expect(serialOf(zoneFile({ ...names, records: { nas: ["192.0.2.22"] } }))).not.toBe(serial);
  expect(serialOf(zoneFile({ ...names, domain: "other.test" }))).not.toBe(serial);
});

test("the domain is answered from the zone alone, the rest by the forwarders", () => {
  expect(corefile("home.test", ["192.0.2.1", "2001:db8::53"])).toBe(`home.test:5353 {
  errors
  prometheus :9153
  file /etc/coredns/zone {
    reload 10s
  }
}
.:5353 {
  errors
  prometheus :9153
  health :8080 {
    lameduck 5s
  }
  ready :8181
  reload 10s 5s
  loop
  cache 300
  forward . 192.0.2.1 2001:db8::53 {
    max_concurrent 1000
  }
}
`);
});
