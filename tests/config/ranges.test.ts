import * as fc from "fast-check";
import { addressBits, addressText, parseNetwork, type Family } from "../../config/addresses";
import { parseRange, rangeEnds, rangeHolds, rangesOverlap, rangeSize, type Range } from "../../config/ranges";

/** Two numbers close to one another, so that ranges often touch; anywhere in the family's addresses. */
const ends = fc.constantFrom<Family>("ipv4", "ipv6").chain((family) => {
  const most = (1n << BigInt(addressBits[family])) - 1n;
  const near = fc.tuple(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 60n }));
  const far = fc.tuple(fc.bigInt({ min: 0n, max: most }), fc.bigInt({ min: 0n, max: most }));
  return fc.tuple(fc.constant(family), fc.oneof(near, far));
});

const range = ends.map(([family, [one, other]]): Range => {
  const [first, last] = one <= other ? [one, other] : [other, one];
  return parseRange(`${addressText(first, family)}-${addressText(last, family)}`)!;
});

describe("address ranges", () => {
  test("two addresses are a range if and only if the first is not the higher one", () => {
    fc.assert(
      fc.property(ends, ([family, [one, other]]) => {
        const parsed = parseRange(`${addressText(one, family)} - ${addressText(other, family)}`);
        if (one > other) return expect(parsed).toBeUndefined();
        expect(parsed).toMatchObject({ family, first: one, last: other });
        expect(rangeSize(parsed!)).toBe(other - one + 1n);
      }),
    );
  });

  test("a range's text reads back as the same range", () => {
    fc.assert(fc.property(range, (one) => expect(parseRange(one.text)).toEqual(one)));
  });

  test("a range holds both ends and not their neighbours", () => {
    fc.assert(
      fc.property(range, (one) => {
        const holds = (value: bigint) => rangeHolds(one, addressText(value, one.family));
        expect(rangeEnds(one).map((end) => rangeHolds(one, end))).toEqual([true, true]);
        if (one.first > 0n) expect(holds(one.first - 1n)).toBe(false);
        if (one.last + 1n < 1n << BigInt(addressBits[one.family])) expect(holds(one.last + 1n)).toBe(false);
      }),
    );
  });

  test("ranges overlap if and only if one of them begins inside the other", () => {
    fc.assert(
      fc.property(range, range, (one, other) => {
        const begins =
          one.family === other.family && (rangeHolds(one, rangeEnds(other)[0]) || rangeHolds(other, rangeEnds(one)[0]));
        expect(rangesOverlap(one, other)).toBe(begins);
        expect(rangesOverlap(other, one)).toBe(begins);
      }),
      { numRuns: 500 },
    );
  });

  test("a CIDR is the range from its first to its last address", () => {
    fc.assert(
      fc.property(ends, fc.nat(), ([family, [value]], bits) => {
        const prefix = bits % (addressBits[family] + 1);
        const network = parseNetwork(`${addressText(value, family)}/${prefix}`, family)!;
        const parsed = parseRange(network.text)!;
        expect(parsed.text).toBe(network.text);
        expect(parsed.first).toBe(network.base);
        expect(rangeSize(parsed)).toBe(1n << BigInt(addressBits[family] - prefix));
      }),
    );
  });

  test.each([
    "",
    "192.168.1.200",
    "192.168.1.200-219",
    "192.168.1.200-192.168.1.100",
    "192.168.1.200-fd00::1",
    "fd00::1-192.168.1.200",
    "192.168.1.1-192.168.1.2-192.168.1.3",
    "192.168.1.200/28",
    "192.168.1.0/33",
    "192.168.1.0/24-192.168.1.9",
  ])("%p is no range", (text) => expect(parseRange(text)).toBeUndefined());

  test("writes addresses canonically", () => {
    expect(parseRange("FD00:0::1 - fd00::00ff")?.text).toBe("fd00::1-fd00::ff");
  });
});
