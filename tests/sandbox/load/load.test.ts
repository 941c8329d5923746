import { spawn, type ChildProcess } from "node:child_process";
import type { Lab } from "../lab";
import { Load, describe as inWords, judge } from "./load";
import type { Outcome, Target } from "./target";

const SITE: Target = {
  ...{ kind: "https", name: "site", address: "192.0.2.200", host: "whoami.home.test" },
  ...{ status: 200, perSecond: 10 },
};

/** A load whose generator prints these outcomes and goes on living. */
async function loadOf(outcomes: readonly Outcome[]): Promise<Load> {
  const text = outcomes.map((outcome) => JSON.stringify(outcome)).join("\n");
  const program = "process.stdout.write(process.argv[1] + '\\n'); setInterval(() => undefined, 1000)";
  const start = (): ChildProcess => spawn(process.execPath, ["-e", program, text], { stdio: "pipe" });
  return Load.start({ start } as unknown as Lab, "root.pem", [SITE]);
}

/** Ten requests a second for ten seconds from a moment on, changed by their second. */
function tenSeconds(from: number, change: (second: number) => Partial<Outcome> = () => ({})): Outcome[] {
  return Array.from({ length: 100 }, (_, index) => {
    const good = { target: "site", at: from + index * 100, took: 10, ok: true, detail: "status 200", serial: "01" };
    return { ...good, ...change(Math.floor(index / 10)) };
  });
}

const START = Date.UTC(2026, 0, 1);

test("failed and slow requests are counted, with their reasons and the longest time without an answer", async () => {
  const load = await loadOf(
    tenSeconds(START, (second) =>
      second === 3 || second === 4 ? { ok: false, detail: "connect ETIMEDOUT" } : second === 8 ? { took: 1500 } : {},
    ),
  );
  const figures = load.figures("site", START, START + 10_000);
  load.stop();
  expect(figures).toMatchObject({ asked: 100, failed: 20, slow: 10, reasons: { "connect ETIMEDOUT": 20 } });
  // The last answer before was to the request of second 2.9, the first after it to the one of second 5.
  expect(figures.silenceSeconds).toBeCloseTo(2.1, 1);
  expect(inWords(figures)).toBe(
    "20 of 100 failed, 10 more took over 1 s, 2.1 s without answers (20 × connect ETIMEDOUT)",
  );
});

test("silence counts from the beginning of the span and to its end", async () => {
  const load = await loadOf(tenSeconds(START, (second) => (second > 0 ? { ok: false, detail: "reset" } : {})));
  expect(load.figures("site", START, START + 10_000).silenceSeconds).toBeCloseTo(9.1, 1);
  expect(load.figures("site", START + 2000, START + 10_000).silenceSeconds).toBeCloseTo(8, 1);
  load.stop();
});

test("a silence beyond the limit is an error that names the target and its figures", async () => {
  const load = await loadOf(tenSeconds(START, (second) => (second === 3 ? { ok: false, detail: "reset" } : {})));
  const print = jest.spyOn(console, "error").mockImplementation();
  const span = { names: ["site"], from: START, to: START + 10_000 };
  judge(load, "a drill", span, 2);
  expect(() => judge(load, "a drill", span, 1)).toThrow(/^a drill: site: 10 of 100 failed, .*1\.1 s without answers/);
  expect(print).toHaveBeenCalledTimes(2);
  print.mockRestore();
  load.stop();
});

test("a load that was not steady proves nothing and says so", async () => {
  const load = await loadOf(tenSeconds(START));
  expect(() => load.figures("site", START, START + 20_000)).toThrow(/not steady, 100 of about 200 requests/);
  expect(() => load.figures("site", START + 10_000, START + 10_000)).toThrow(/not steady/);
  load.stop();
});

test("calm is what answers now, in time and at its rate", async () => {
  const calmAt = async (outcomes: readonly Outcome[], seconds: number): Promise<boolean> => {
    const load = await loadOf(outcomes);
    const clock = jest.spyOn(Date, "now").mockReturnValue(START + seconds * 1000);
    const calm = load.calmFor(5);
    clock.mockRestore();
    load.stop();
    return calm;
  };
  expect(await calmAt(tenSeconds(START), 10)).toBe(true);
  for (const change of [{ ok: false }, { took: 2000 }]) {
    expect(
      await calmAt(
        tenSeconds(START, (second) => (second === 7 ? change : {})),
        10,
      ),
    ).toBe(false);
  }
  expect(await calmAt(tenSeconds(START), 13)).toBe(false);
});

test("serial numbers of certificates are those of right answers, in their order", async () => {
  const load = await loadOf(
    tenSeconds(START, (second) => (second === 5 ? { ok: false, serial: "09" } : second > 5 ? { serial: "02" } : {})),
  );
  expect(load.serials("site")).toEqual(["01", "02"]);
  load.stop();
});
