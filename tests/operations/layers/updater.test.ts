import { updaterFindings } from "../../../operations/layers/updater";
import { cluster, job, MINUTE, pod } from "../kubernetes";

test("nothing is wrong if the last Job succeeded, or none has ended", () => {
  expect(updaterFindings(cluster())).toEqual([]);
  expect(updaterFindings(cluster({ jobs: [job("b", false, -20), job("a", true, -80)] }))).toEqual([]);
  expect(updaterFindings(cluster({ jobs: [{ ...job("a", true, -20), status: {} }] }))).toEqual([]);
});

test("updates that have ended for good are an error", () => {
  const [one] = updaterFindings(cluster({ jobs: [job("a", false, -6 * MINUTE)] }));
  expect(one).toMatchObject({ severity: "error", what: expect.stringContaining("no update since 6 minutes") });
});

test("a single failure is a warning, failures over minutes are an error", () => {
  const [one] = updaterFindings(cluster({ jobs: [job("a", false, -80), job("b", true, -20)] }));
  expect(one).toMatchObject({
    severity: "warning",
    what: expect.stringMatching(
      /^public DNS: the last update failed \(Job has reached .*\); the last success was 80 seconds/,
    ),
    remedy: expect.stringContaining("kubectl --namespace dns logs job/b"),
  });
  const jobs = [job("a", false, -6 * MINUTE), job("b", true, -80), job("c", true, -20)];
  expect(updaterFindings(cluster({ jobs }))).toEqual([expect.objectContaining({ severity: "error" })]);
  expect(updaterFindings(cluster({ jobs: jobs.slice(1) }))).toEqual([
    expect.objectContaining({ severity: "error", what: expect.stringContaining("none of those kept succeeded") }),
  ]);
  expect(updaterFindings(cluster({ jobs: jobs.slice(2) }))).toEqual([expect.objectContaining({ severity: "warning" })]);
});

test("the cause is the pod's last error, if its last words were kept", () => {
  const ended = pod("dns/c-x1", { ready: false, owner: ["Job", "c"], phase: "Failed" });
  const message = "IPv4: 203.0.113.7\nERROR IPv6: nothing changes: the sources disagree\nA home.test: keep\n";
  const containerStatuses = [{ name: "updater", state: { terminated: { reason: "Error", message } } }];
  const spoke = { ...ended, status: { ...ended.status, containerStatuses } };
  const [finding] = updaterFindings(cluster({ jobs: [job("c", true, -20)], pods: [spoke] }));
  expect(finding?.what).toContain("failed (IPv6: nothing changes: the sources disagree)");
});

test("Jobs of others are none of its business", () => {
  const other = job("backup", true, -20);
  const jobs = [{ ...other, metadata: { ...other.metadata, ownerReferences: [] } }];
  expect(updaterFindings(cluster({ jobs }))).toEqual([]);
});
