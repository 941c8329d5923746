import * as fs from "node:fs";
import * as path from "node:path";
import { diskLatencyScript } from "../../../components/host/steps";
import { home, host } from "../../support/homes";
import { StubbedHost, type StubbedRun } from "../../support/stubbed-host";

const settings = home(host(1));
let pi: StubbedHost;
beforeEach(() => {
  pi = new StubbedHost().write("var/lib/rancher/k3s/.keep", "");
});
afterEach(() => pi.remove());

const run = (limit = 100): StubbedRun => {
  const hostSettings = { ...settings.hostSettings, fsyncLimitMilliseconds: limit };
  return pi.run(diskLatencyScript({ ...settings, hostSettings }));
};

/** A disk on which every 50th write takes `slow` ms and the others 1 ms. */
function disk(slow: number): void {
  const seconds = (slow / 1000).toFixed(3);
  pi.stub(
    "dd",
    `case "$*" in *conv=fsync*) exit 0 ;; *seek=*[05]0\\ *) took=${seconds} ;; *) took=0.001 ;; esac
     echo "2300 bytes (2.3 kB, 2.2 KiB) copied, $took s, 2.2 MB/s" >&2`,
  );
}

test("the 99th percentile counts, and is measured once", () => {
  disk(8);
  const { status, stderr, calls } = run();
  expect(status).toBe(0);
  expect(stderr).toContain("takes 8.000 ms (99th percentile)");
  expect(stderr).not.toContain("warning");
  expect(calls.filter((call) => call.includes("bs=2300")).length).toBe(250);
  expect(run()).toMatchObject({ status: 0, stderr: "", calls: [] });
});

test("a disk on which writes begin to fail is refused, and not recorded", () => {
  pi.stub(
    "dd",
    `case "$*" in *conv=fsync*) exit 0 ;; esac
     echo "0 bytes copied, 0.0001 s, 0.0 kB/s" >&2
     case "$*" in *seek=100*) exit 1 ;; esac`,
  );
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringMatching(/writes to the disk of \S+ fail/) as string });
  expect(pi.read("var/lib/homelab/disk-latency")).toBeUndefined();
});

test("more than etcd's 10 ms is a warning", () => {
  disk(40);
  expect(run()).toMatchObject({ status: 0, stderr: expect.stringContaining("warning: etcd needs 10 ms") as string });
});

test("more than the limit refuses the host with the figure, and is measured anew after the disk was mended", () => {
  disk(140);
  const { status, stderr } = run();
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /a write to the disk of \S+ takes 140\.000 ms \(99th percentile\); etcd needs 10, and 100 are/,
  );
  expect(pi.read("var/lib/homelab/disk-latency")).toBeUndefined();
  disk(2);
  expect(run()).toMatchObject({ status: 0, stderr: expect.stringContaining("takes 2.000 ms") as string });
});

test("a lowered limit is held against the recorded figure", () => {
  disk(40);
  expect(run().status).toBe(0);
  expect(run(30)).toMatchObject({ status: 1, calls: [] });
});

test("another disk is measured again", () => {
  disk(8);
  run();
  pi.write("var/lib/homelab/disk-latency", "0123456789abcdef 8.000\n");
  expect(run().calls.length).toBeGreaterThan(200);
});

test("a running etcd is not disturbed", () => {
  disk(140);
  pi.write("var/lib/rancher/k3s/server/db/etcd/member/snap/db", "");
  expect(run()).toMatchObject({ status: 0, stderr: "", calls: [] });
});

test("a real disk gives a figure and keeps nothing of the measurement", () => {
  const { stderr } = run(10000);
  expect(stderr).toMatch(/takes \d+\.\d{3} ms \(99th percentile\)/);
  expect(fs.readdirSync(path.join(pi.root, "var/lib/rancher/k3s"))).toEqual([".keep"]);
  expect(pi.read("var/lib/homelab/disk-latency")).toMatch(/^[0-9a-f]+ \d+\.\d{3}\n$/);
});
