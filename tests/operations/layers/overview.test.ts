import { QUESTIONS } from "../../../operations/cluster-objects";
import { layerFindings } from "../../../operations/layers/findings";
import { layersOverview, overviewRows } from "../../../operations/layers/overview";
import { home, host, withLayers } from "../../support/homes";
import { certificate, cluster, pool, service } from "../kubernetes";

const config = withLayers(home(host(1), host(2), host(3)));
const running = cluster({
  pools: [pool("private", "192.0.2.224/29"), pool("default", "192.0.2.200-192.0.2.219")],
  services: [service("traefik/traefik", ["192.0.2.200"]), service("dns/lan-dns", ["192.0.2.201"])],
  certificates: [certificate(80), certificate(5, false)],
});

test("shows what each layer has", () => {
  expect(overviewRows(layersOverview(config, running))).toEqual([
    ["load balancer", "pool default: 2 of 20 IPv4 addresses used"],
    ["", "pool private: 0 of 8 IPv4 addresses used"],
    ["ingress", "192.0.2.200"],
    ["LAN DNS", "192.0.2.201"],
    ["certificates", "traefik/default: 5 days left, not ready"],
    ["", "traefik/default: 80 days left"],
  ]);
});

test("says what is not there yet", () => {
  expect(overviewRows(layersOverview(config, cluster()))).toEqual([
    ["load balancer", "no pools"],
    ["ingress", "no address"],
    ["LAN DNS", "no address"],
    ["certificates", "none"],
  ]);
});

test("shows nothing of layers that the stack does not have", () => {
  expect(layersOverview(home(host(1)), running)).toEqual({});
});

test("a question without an answer is a warning, a cluster that can't be asked none of the layers' findings", () => {
  expect(layerFindings(config, { error: "cluster: no server could list the nodes" })).toEqual([]);
  expect(layerFindings(home(host(1)), cluster({ unanswered: ["events"] }))).toEqual([
    expect.objectContaining({ severity: "warning", what: expect.stringContaining("did not answer for events") }),
  ]);
});

test("layers that the cluster has nothing of are errors, unless it was not told", () => {
  const whats = layerFindings(config, cluster()).map(({ severity, what }) => `${severity}: ${what}`);
  expect(whats).toEqual([
    "error: the load balancer has no pool",
    "error: there is no service traefik/traefik",
    "error: there is no certificate traefik/default",
    "error: there is no service dns/lan-dns",
    "error: there is no Job of public-dns, which starts one each minute",
  ]);
  expect(layerFindings(home(host(1)), cluster())).toEqual([]);
  const unanswered = [QUESTIONS.objects];
  expect(layerFindings(config, cluster({ unanswered })).map(({ severity }) => severity)).toEqual(["warning"]);
});
