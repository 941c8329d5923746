import { table } from "../../bench/table";

test("one line for each list of samples and each ratio, with the target beside it", () => {
  const text = table({
    samples: { noopUpSeconds: [2.345, 1.5, 12.5], failoverSilentSeconds: [0.00321] },
    ratios: { noopUp: 1.5, bringUp: 1.26, other: 0.25 },
  });
  expect(text.split("\n")).toEqual([
    "                       samples   least  median    most  target",
    "noopUpSeconds                3    1.50    2.35    12.5",
    "failoverSilentSeconds        1  0.0032  0.0032  0.0032",
    "ratio",
    "noopUp                                    1.50          at most 1.5: met",
    "bringUp                                   1.26          at most 1.25: MISSED",
    "other                                    0.250",
  ]);
});

test("a limit is judged by the greatest sample", () => {
  const text = table({ samples: { noopUpLanguageHostMB: [100, 401, 200] }, ratios: {} });
  expect(text).toMatch(/noopUpLanguageHostMB .* at most 400: MISSED/);
});
