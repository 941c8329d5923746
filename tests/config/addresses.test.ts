import * as fc from "fast-check";
import * as addresses from "../../config/addresses";
import type { Family } from "../../config/addresses";

const family = fc.constantFrom<Family>("ipv4", "ipv6");

/** An address of a family, as a number. */
const value = (kind: Family) => fc.bigInt({ min: 0n, max: (1n << BigInt(addresses.addressBits[kind])) - 1n });

const network = family.chain((kind) =>
  fc
    .tuple(value(kind), fc.integer({ min: 0, max: addresses.addressBits[kind] }))
    .map(([base, prefix]) => addresses.parseNetwork(`${addresses.addressText(base, kind)}/${prefix}`, kind)!),
);

describe("address arithmetic", () => {
  test("text and number of an address are one thing", () => {
    const pairs = family.chain((kind) => fc.tuple(fc.constant(kind), value(kind)));
    fc.assert(
      fc.property(pairs, ([kind, number]) => {
        const text = addresses.addressText(number, kind);
        expect(addresses.addressValue(text, kind)).toBe(number);
        expect(addresses.canonicalAddress(text, kind)).toBe(text);
      }),
    );
  });

  test("a network's text reads back as the same network", () => {
    fc.assert(fc.property(network, (one) => expect(addresses.parseNetwork(one.text, one.family)).toEqual(one)));
  });

  test("a network holds its first and last address and not their neighbours", () => {
    fc.assert(
      fc.property(network, (one) => {
        const last = one.base + addresses.networkSize(one) - 1n;
        const holds = (number: bigint) => addresses.contains(one, addresses.addressText(number, one.family));
        expect(holds(one.base)).toBe(true);
        expect(holds(last)).toBe(true);
        if (one.base > 0n) expect(holds(one.base - 1n)).toBe(false);
        if (last + 1n < 1n << BigInt(addresses.addressBits[one.family])) expect(holds(last + 1n)).toBe(false);
      }),
    );
  });

  test("networks overlap if and only if one holds the other's first address", () => {
    fc.assert(
      fc.property(network, network, (one, other) => {
        const nested =
          one.family === other.family &&
          (addresses.contains(one, addresses.addressText(other.base, other.family)) ||
            addresses.contains(other, addresses.addressText(one.base, one.family)));
        expect(addresses.overlap(one, other)).toBe(nested);
        expect(addresses.overlap(other, one)).toBe(nested);
      }),
    );
  });

  test.each(["1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.1.1.1", "1.2.3.4/8", "::ffff:1.2.3.4", ""])(
    "%p is no IPv4 address",
    (text) => {
      expect(addresses.canonicalAddress(text, "ipv4")).toBeUndefined();
    },
  );

  test.each(["1.2.3.4", "::ffff:1.2.3.4", "fe80::1%eth0", "fd00::1::2", "fd00::12345", "[fd00::1]", ""])(
    "%p is no IPv6 address for a node",
    (text) => expect(addresses.canonicalAddress(text, "ipv6")).toBeUndefined(),
  );

  test.each([
    ["192.168.1.0/24", "192.168.1.0", false],
    ["192.168.1.0/24", "192.168.1.255", false],
    ["192.168.1.0/24", "192.168.1.1", true],
    ["192.168.1.0/31", "192.168.1.0", true],
    ["fd00::/64", "fd00::", false],
    ["fd00::/64", "fd00::ffff:ffff:ffff:ffff", true],
    ["fd00::/64", "192.168.1.1", false],
  ])("in %s a host may have %s: %p", (cidr, address, usable) => {
    const kind = cidr.includes(":") ? "ipv6" : "ipv4";
    expect(addresses.isUsableIn(addresses.parseNetwork(cidr, kind)!, address)).toBe(usable);
  });

  test("clears host bits", () => {
    expect(addresses.parseNetwork("192.168.1.77/24", "ipv4")?.text).toBe("192.168.1.0/24");
    expect(addresses.parseNetwork("fd00::1/64", "ipv6")?.text).toBe("fd00::/64");
  });

  test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/64"])(
    "%p is no IPv4 network",
    (text) => {
      expect(addresses.parseNetwork(text, "ipv4")).toBeUndefined();
    },
  );
});

test.each([
  ["fc00::", true],
  ["fd00:c0:ffee::200", true],
  ["fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true],
  ["fe80::1", false],
  ["fbff::1", false],
  ["2001:db8::1", false],
  ["192.168.1.1", false],
])("%s is a unique local address: %s", (address, expected) => {
  expect(addresses.isUniqueLocal(address)).toBe(expected);
});
