import * as fc from "fast-check";
import { median, ratio, summarise } from "../../bench/statistics";

test("the median is the value in the middle, or the mean of two", () => {
  expect(median([3])).toBe(3);
  expect(median([9, 1, 5])).toBe(5);
  // Sorted as numbers, not as texts.
  expect(median([10, 9, 100, 1])).toBe(9.5);
  expect(() => median([])).toThrow(/nothing was measured/);
});

test("half of all values are at or below the median, and half at or above", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      const half = values.length / 2;
      expect(values.filter((value) => value <= middle).length).toBeGreaterThanOrEqual(half);
      expect(values.filter((value) => value >= middle).length).toBeGreaterThanOrEqual(half);
    }),
  );
});

test("a summary leaves the values in their order", () => {
  const values = [3, 1, 2];
  expect(summarise(values)).toEqual({ count: 3, minimum: 1, median: 2, maximum: 3 });
  expect(values).toEqual([3, 1, 2]);
});

test("a ratio is one of medians, which an outlier does not move", () => {
  expect(ratio([6, 6, 60], [4, 4, 1])).toBe(1.5);
  expect(() => ratio([1], [0])).toThrow(/compared with 0/);
  expect(() => ratio([1], [])).toThrow(/nothing was measured/);
});
