import { addressPoolSpec, l2AdvertisementSpec } from "../../../components/network/metallb-objects";
import { metallbValues } from "../../../components/network/metallb-values";

test("layer 2 only: BGP is off, under the names of 0.14 and of 0.16", () => {
  expect(metallbValues()).toMatchObject({ speaker: { frr: { enabled: false } }, frrk8s: { enabled: false } });
});

test("speakers watch each other and run on tainted servers, too", () => {
  expect(metallbValues()["speaker"]).toMatchObject({
    memberlist: { enabled: true },
    tolerations: [
      { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
      { key: "CriticalAddonsOnly", operator: "Exists" },
    ],
  });
});

test("the controller leaves a dead node after half a minute", () => {
  const gone = { operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 };
  expect(metallbValues()["controller"]).toMatchObject({
    tolerations: expect.arrayContaining([
      { key: "node.kubernetes.io/not-ready", ...gone },
      { key: "node.kubernetes.io/unreachable", ...gone },
    ]),
  });
});

test("a pool is what the config says, without the addresses that old devices refuse", () => {
  const addresses = ["192.0.2.200-192.0.2.219", "fd00:c0:ffee::200-fd00:c0:ffee::219"];
  expect(addressPoolSpec({ name: "default", addresses, autoAssign: true, namespaces: [] })).toEqual({
    addresses,
    autoAssign: true,
    avoidBuggyIPs: true,
  });
});

test("a pool may be for some namespaces only", () => {
  const pool = { name: "games", addresses: ["192.0.2.220/30"], autoAssign: false, namespaces: ["games", "lab"] };
  expect(addressPoolSpec(pool)).toEqual({
    addresses: ["192.0.2.220/30"],
    autoAssign: false,
    avoidBuggyIPs: true,
    serviceAllocation: { priority: 10, namespaces: ["games", "lab"] },
  });
});

test("the announcement finds our pools by label and is limited to the interfaces and nodes of the config", () => {
  const ours = [{ matchLabels: { "app.kubernetes.io/part-of": "homelab" } }];
  expect(l2AdvertisementSpec({ pools: [], interfaces: ["eth0"], nodeSelector: { rack: "a" } })).toEqual({
    ipAddressPoolSelectors: ours,
    interfaces: ["eth0"],
    nodeSelectors: [{ matchLabels: { rack: "a" } }],
  });
  expect(l2AdvertisementSpec({ pools: [], interfaces: [], nodeSelector: {} })).toEqual({
    ipAddressPoolSelectors: ours,
  });
});
