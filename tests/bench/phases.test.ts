import { phases, resourceEvents, serverTimes } from "../../bench/phases";
import type { TimedLine } from "../../bench/timed";

/** As `pulumi up` prints it when its output is no terminal. */
const line = (at: number, name: string, what: string): TimedLine => ({
  at,
  text: ` +  command:remote:Command ${name} ${what}`,
});
const RUN: readonly TimedLine[] = [
  { at: 0.1, text: "Updating (sandbox):" },
  line(3, "pi1-ready", "creating (0s)"),
  line(5, "pi1-ready", "created (2s)"),
  line(20, "pi1-verified", "created (1s)"),
  line(22, "pi1-etcd-presence", "created (0.4s)"),
  line(23, "pi2-verified", "created (1s)"),
  line(26, "pi2-etcd-presence", "created (0.4s)"),
  line(26, "pi1-k3s-install", "creating (0s)"),
  line(41, "pi1-k3s-install", "creating (15s) waiting"),
  line(56, "pi1-k3s-install", "created (30s)"),
  line(96, "pi2-k3s-install", "created (39s)"),
  { at: 99, text: " +  homelab:host:PiHost pi1 created (96s)" },
  { at: 100, text: "Resources:" },
];

test("phases add up to the whole", () => {
  const found = phases(resourceEvents(RUN), 110);
  expect(found).toEqual({ start: 3, hosts: 20, files: 3, servers: 70, rest: 14 });
  expect(Object.values(found).reduce((sum, value) => sum + value)).toBe(110);
});

test("each server counts from the one before it", () => {
  expect(serverTimes(resourceEvents(RUN), 26)).toEqual([30, 40]);
});

test("what is at work is not done, and what is no resource is no event", () => {
  const events = resourceEvents(RUN);
  expect(events).toHaveLength(11);
  expect(events.filter(({ name, isDone }) => name === "pi1-k3s-install" && isDone)).toHaveLength(1);
});

test("a run that did not come so far has no phases", () => {
  expect(() => phases(resourceEvents(RUN.slice(0, 8)), 30)).toThrow("no step k3s-install has ended");
  expect(() => phases([], 30)).toThrow(/no host was asked/);
});
