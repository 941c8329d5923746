/** Layers of the stack of which the cluster has nothing that could be judged. Pure. */
import { CERTIFICATE } from "../../components/certificates/default-certificate";
import { PUBLIC_DNS } from "../../components/dns/names";
import { TRAEFIK } from "../../components/network/traefik-values";
import type { HomelabConfig } from "../../config/types";
import { fullName, QUESTIONS, type Cluster } from "../cluster-objects";
import type { Finding } from "../finding";
import { INGRESS, NAME_SERVER } from "./overview";
import { updates } from "./updater";

/** One for each layer that was never made, or was taken away by hand. */
export function missingFindings(config: HomelabConfig, cluster: Cluster): Finding[] {
  if (cluster.unanswered.includes(QUESTIONS.objects)) return [];
  const has = (objects: Cluster["services" | "certificates"], name: string): boolean =>
    objects.some(({ metadata }) => fullName(metadata) === name);
  const certificate = `${TRAEFIK}/${CERTIFICATE}`;
  const layers: readonly [wanted: boolean, there: boolean, what: string, why: string][] = [
    [
      config.loadBalancer !== undefined,
      cluster.pools.length > 0,
      "the load balancer has no pool",
      "no service gets an address",
    ],
    [
      config.ingress !== undefined,
      has(cluster.services, fullName(INGRESS)),
      `there is no service ${fullName(INGRESS)}`,
      "no site can be reached",
    ],
    [
      config.ingress !== undefined && config.certificates !== undefined,
      has(cluster.certificates, certificate),
      `there is no certificate ${certificate}`,
      "browsers refuse all sites",
    ],
    [
      config.lanDns !== undefined,
      has(cluster.services, fullName(NAME_SERVER)),
      `there is no service ${fullName(NAME_SERVER)}`,
      "devices that ask it find no names",
    ],
    [
      config.publicDns !== undefined,
      updates(cluster).length > 0,
      `there is no Job of ${PUBLIC_DNS}, which starts one each minute`,
      "records do not follow the home's public address",
    ],
  ];
  return layers.flatMap(([wanted, there, what, why]): Finding[] => {
    if (!wanted || there) return [];
    const remedy = "`pulumi up --refresh` makes what the stack has and the cluster has not";
    return [{ severity: "error", where: "cluster", what, why, remedy }];
  });
}
