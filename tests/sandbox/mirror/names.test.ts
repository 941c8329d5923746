import { type DebianSources, hostSourcesList, hostUri } from "../../../sandbox/image/sources";
import { zoneFile } from "../../../sandbox/mirror/dns";

const sources: DebianSources = {
  architecture: "amd64",
  suites: ["bookworm", "bookworm-updates"].map((release) => ({
    uri: "https://archive.example/debian/",
    hostUri: "http://archive.example/debian/",
    release,
  })),
};

test.each([
  ["http://archive.example/debian/", "http://archive.example/debian/"],
  ["https://archive.example/debian/", "http://archive.example/debian/"],
  ["http://127.0.0.1:3142/archive.example/debian/", "http://debian.mirror.sandbox.test/archive.example/debian/"],
  ["http://localhost/debian/", "http://debian.mirror.sandbox.test/debian/"],
  ["http://archive.example:8080/debian/", "http://debian.mirror.sandbox.test/debian/"],
])("hosts reach %s as %s", (uri, expected) => {
  expect(hostUri(uri)).toBe(expected);
});

test("hosts get the suites of this machine", () => {
  expect(hostSourcesList(sources)).toBe(
    "deb http://archive.example/debian/ bookworm main\ndeb http://archive.example/debian/ bookworm-updates main\n",
  );
});

test("the zone names the mirror, the archive and the hosts, each once per address", () => {
  const names = { pi1: ["192.0.2.11", "fd00:c0:ffee::11"] };
  const zone = zoneFile(sources, { address: "192.0.2.1", ipv6: "fd00:c0:ffee::1", names });
  expect(zone.split("\n").slice(2)).toEqual([
    "mirror.sandbox.test. 30 IN A 192.0.2.1",
    "mirror.sandbox.test. 30 IN AAAA fd00:c0:ffee::1",
    "archive.example. 30 IN A 192.0.2.1",
    "archive.example. 30 IN AAAA fd00:c0:ffee::1",
    "pi1. 30 IN A 192.0.2.11",
    "pi1. 30 IN AAAA fd00:c0:ffee::11",
    "",
  ]);
});

test("another record makes another serial number, by which the name server notices", () => {
  const serial = (address: string) => zoneFile(sources, { address }).split(" ")[6];
  expect(serial("192.0.2.1")).toMatch(/^\d+$/);
  expect(serial("192.0.2.1")).not.toBe(serial("192.0.2.2"));
});
