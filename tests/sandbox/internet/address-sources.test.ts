import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeAddresses, readAddresses, sourcePage } from "../../../sandbox/internet/address-sources";
import { internetNames } from "../../../sandbox/internet/names";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "homelab-sources-"));
  file = join(directory, "addresses.json");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const start = {
  "ipv4-a": "203.0.113.7",
  "ipv4-b": "203.0.113.7",
  "ipv6-a": "2001:db8:7::7",
  "ipv6-b": "2001:db8:7::7",
};

test("an address is for all sources of its family, or for the one that is named", () => {
  expect(readAddresses(file)).toEqual(start);
  const changed = { ...start, "ipv4-a": "198.51.100.1", "ipv4-b": "198.51.100.1" };
  expect(changeAddresses(file, undefined, ["198.51.100.1"])).toEqual(changed);
  expect(changeAddresses(file, "ipv6-b", ["2001:db8::1"])).toEqual({ ...changed, "ipv6-b": "2001:db8::1" });
  expect(readAddresses(file)).toEqual({ ...changed, "ipv6-b": "2001:db8::1" });
  expect(changeAddresses(file, undefined, ["203.0.113.7", "2001:db8:7::7"])).toEqual(start);
});

test("a page says what its source answers now, or that it is out of order", () => {
  expect(sourcePage(file, "ipv6-a.sandbox.test")).toEqual({ status: 200, text: "2001:db8:7::7\n" });
  changeAddresses(file, "ipv6-a", ["down"]);
  expect(sourcePage(file, "ipv6-a.sandbox.test")?.status).toBe(503);
  expect(sourcePage(file, "ipv6-b.sandbox.test")?.status).toBe(200);
  expect(sourcePage(file, "ipv6-c.sandbox.test")).toBeUndefined();
  expect(new Set(Object.values(changeAddresses(file, undefined, ["down"])))).toEqual(new Set(["down"]));
});

test.each([
  [undefined, "house", /no IPv4 or IPv6 address/],
  ["ipv4-a", "2001:db8::1", /ipv4-a answers no address like/],
  ["ipv5-a", "203.0.113.7", /No source is called "ipv5-a"/],
])("source %s with %s is refused, and nothing changes", (source, value, message) => {
  expect(() => changeAddresses(file, source, ["198.51.100.1", value].slice(source === undefined ? 0 : 1))).toThrow(
    message,
  );
  expect(readAddresses(file)).toEqual(start);
});

test("a source of one family's address is reached by that family only", () => {
  const names = internetNames({ ipv4: "192.0.2.1", ipv6: "fd00:c0:ffee::1" });
  expect(names["api.cloudflare.com"]).toEqual(["192.0.2.1", "fd00:c0:ffee::1"]);
  expect(names["ipv4-a.sandbox.test"]).toEqual(["192.0.2.1"]);
  expect(names["ipv6-b.sandbox.test"]).toEqual(["fd00:c0:ffee::1"]);
  expect(internetNames({ ipv4: "192.0.2.1" })["ipv6-b.sandbox.test"]).toEqual([]);
});
