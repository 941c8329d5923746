import type { Part } from "../../bench/part";
import { chosen, merge } from "../../bench/results";

const part = (name: string): Part => ({
  ...{ name, what: `what ${name} measures` },
  measure: () => Promise.reject(new Error("not asked for")),
});
const PARTS = [part("first"), part("slow"), part("last")];
const names = (parts: readonly Part[]): string[] => parts.map(({ name }) => name);

test("without a name all parts run; named ones run in their own order", () => {
  expect(names(chosen(PARTS, []))).toEqual(["first", "slow", "last"]);
  expect(names(chosen(PARTS, ["slow", "first"]))).toEqual(["first", "slow"]);
});

test("an unknown name is refused, with all there are", () => {
  expect(() => chosen(PARTS, ["first", "lost"])).toThrow(/No part is called lost[^]*slow +what slow measures/);
});

test("findings are joined, and never one over another", () => {
  const one = { samples: { aSeconds: [1] }, ratios: { a: 1 } };
  const two = { samples: { bSeconds: [2, 3] }, ratios: {} };
  expect(merge([one, two])).toEqual({ samples: { aSeconds: [1], bSeconds: [2, 3] }, ratios: { a: 1 } });
  expect(() => merge([one, one])).toThrow("aSeconds was measured twice");
});
