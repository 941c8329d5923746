import { differences } from "../../bench/end-state";
import { peakMegabytes } from "../../bench/language-host";
import { unchanged } from "../../bench/parts/no-op";
import { slope, toCreate } from "../../bench/parts/preview-growth";
import { languageHostMB, type TimedRun } from "../../bench/timed";
import { parseWrk } from "../../bench/wrk";

const WRK = `Running 15s test @ https://whoami.home.test/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    12.34ms    5.67ms  98.76ms   70.00%
    Req/Sec     1.23k    45.00     1.50k    80.00%
  Latency Distribution
     50%   11.00ms
     75%   14.00ms
     90%   20.00ms
     99%   41.50ms
  18450 requests in 15.01s, 5.00MB read
Requests/sec:   1229.18
Transfer/sec:    341.00KB
`;

test("wrk's rate and 99th percentile are read, in whatever unit", () => {
  expect(parseWrk(WRK)).toEqual({ requestsPerSecond: 1229.18, p99Milliseconds: 41.5 });
  expect(parseWrk(WRK.replace("41.50ms", "950.00us")).p99Milliseconds).toBeCloseTo(0.95);
  expect(parseWrk(WRK.replace("41.50ms", "1.20s")).p99Milliseconds).toBe(1200);
});

test("a load with errors, or without figures, is no measurement", () => {
  const refused = "  Socket errors: connect 0, read 0, write 0, timeout 7\nRequests/sec:";
  expect(() => parseWrk(WRK.replace("Requests/sec:", refused))).toThrow(/timeout 7/);
  const wrong = "  Non-2xx or 3xx responses: 18450\nRequests/sec:";
  expect(() => parseWrk(WRK.replace("Requests/sec:", wrong))).toThrow(/18450/);
  expect(() => parseWrk("unable to connect")).toThrow(/no figures/);
});

const run = (...texts: readonly string[]): TimedRun => ({
  seconds: 1,
  lines: texts.map((text) => ({ at: 0, text })),
  languageHostMB: undefined,
});

test("a no-op is a run that left everything as it was", () => {
  const nothing = run("Resources:", "    116 unchanged", "", "Duration: 2s");
  expect(unchanged(nothing)).toEqual({ ...nothing, resources: 116 });
  const changed = run("Resources:", "    ~ 1 updated", "    115 unchanged", "", "Duration: 2s");
  expect(() => unchanged(changed)).toThrow(/no no-op: ~ 1 updated, 115 unchanged/);
  expect(() => unchanged(run("Resources:", "    + 1 created", ""))).toThrow(/\+ 1 created/);
  expect(() => unchanged(run("Updating"))).toThrow(/no summary/);
});

test("a preview says how many resources it would make", () => {
  expect(toCreate(run("    warning: 3 to create", "Resources:", "    + 2719 to create").lines)).toBe(2719);
  expect(() => toCreate(run("Resources:", "    100 unchanged").lines)).toThrow(/does not say/);
});

test("the slope is what each further resource costs", () => {
  expect(slope({ seconds: 4, resources: 100 }, { seconds: 10, resources: 400 })).toBe(0.02);
});

test("the peak of memory is in megabytes, and none is no measurement", () => {
  expect(peakMegabytes("Name:\tnode\nVmHWM:\t  390625 kB\nVmRSS:\t   1000 kB\n")).toBe(400);
  expect(peakMegabytes("")).toBe(0);
  expect(() => languageHostMB(run())).toThrow(/not found/);
  expect(languageHostMB({ ...run(), languageHostMB: 210 })).toBe(210);
});

test("two end states are the same, or each difference is named with its side", () => {
  expect(differences(["a 1", "b 2"], ["b 2", "a 1"])).toEqual([]);
  expect(differences(["a 1", "b 2"], ["a 1", "b 3"])).toEqual(["only ours: b 2", "only the floor's: b 3"]);
});
