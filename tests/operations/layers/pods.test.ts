import { podFindings } from "../../../operations/layers/pods";
import { cluster, MINUTE, node, pod } from "../kubernetes";

const nodes = [node("pi1"), node("pi2", { Ready: false })];
const found = (...pods: ReturnType<typeof pod>[]) => podFindings(cluster({ nodes, pods }));
const PULL = { reason: "ImagePullBackOff", message: 'Back-off pulling image "traefik:v9"' };

test("a pod that is not ready for minutes is named, with its container's reason", () => {
  const waiting = { reason: "CrashLoopBackOff", message: "back-off 5m0s" };
  expect(found(pod("traefik/traefik-x1", { ready: false, since: -3 * MINUTE, waiting }))).toEqual([
    {
      severity: "error",
      where: "cluster",
      what: "pod traefik/traefik-x1 on pi1 is not ready for 3 minutes: main CrashLoopBackOff, back-off 5m0s",
      why: "nothing else of its kind is ready",
      remedy: expect.stringContaining("kubectl --namespace traefik describe pod traefik-x1"),
    },
  ]);
});

test("it is a warning while another one of its kind is ready", () => {
  const owner = ["DaemonSet", "traefik"] as const;
  const sick = pod("traefik/traefik-x1", { ready: false, owner });
  expect(found(sick, pod("traefik/traefik-x2", { ready: true, owner }))).toMatchObject([{ severity: "warning" }]);
  expect(found(sick, pod("traefik/traefik-x2", { ready: true }))).toMatchObject([{ severity: "error" }]);
});

test.each<[string, ReturnType<typeof pod>]>([
  ["is ready", pod("dns/a", { ready: true })],
  ["has just started", pod("dns/a", { ready: false, since: -MINUTE })],
  ["is on a node that is down", pod("dns/a", { ready: false, node: "pi2" })],
  ["is none of ours", pod("default/a", { ready: false, waiting: PULL })],
  ["ended well", pod("dns/a", { ready: false, phase: "Succeeded" })],
  ["was evicted", pod("dns/a", { ready: false, phase: "Failed" })],
  ["belongs to a Job, which tells itself how it ended", pod("dns/a", { ready: false, owner: ["Job", "j"] })],
])("nothing is said of a pod that %s", (_what, one) => {
  expect(found(one)).toEqual([]);
});

test("an image that can't be had is named at once, a Job's too", () => {
  const young = { ready: false, since: -10, waiting: PULL };
  for (const one of [pod("dns/a", young), pod("dns/a", { ...young, owner: ["Job", "j"] })]) {
    expect(found(one)).toEqual([
      expect.objectContaining({
        what: expect.stringContaining('main ImagePullBackOff, Back-off pulling image "traefik:v9"'),
        remedy: expect.stringContaining("registry"),
      }),
    ]);
  }
});

test("a pod that finds no node says why", () => {
  const one = pod("apps/whoami-1", { ready: false });
  const conditions = [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }];
  const pending = { ...one, spec: {}, status: { phase: "Pending", conditions } };
  expect(found(pending)[0]?.what).toBe("pod apps/whoami-1 is not ready for 60 minutes: 0/3 nodes are available");
});
