import { fromNamespace, toClusterDns } from "../../../components/workload/network-policy";
import { failoverTolerations, podSecurity, restrictedContainer, restrictedPod } from "../../../components/workload/pod";
import { at } from "./objects";

test("a pod leaves a dead node after 30 s, whichever way the node died", () => {
  expect(failoverTolerations).toEqual([
    { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
    { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
  ]);
});

test("pod and container together are what the restricted standard wants", () => {
  expect(restrictedPod).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  expect(restrictedPod.runAsUser).not.toBe(0);
  expect(restrictedContainer).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("a namespace enforces its standard and warns by the same", () => {
  expect(podSecurity("restricted")).toEqual({
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
  });
});

test("rules name a namespace by the label that Kubernetes itself sets", () => {
  expect(at(fromNamespace("traefik", 8080), "from.0.namespaceSelector.matchLabels")).toEqual({
    "kubernetes.io/metadata.name": "traefik",
  });
  expect(at(toClusterDns, "to.0.namespaceSelector.matchLabels")).toEqual({
    "kubernetes.io/metadata.name": "kube-system",
  });
});
