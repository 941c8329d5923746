/** The layers in `status`: what each has and gives. Pure. */
import { LAN_DNS } from "../../components/dns/names";
import { TRAEFIK } from "../../components/network/traefik-values";
import type { HomelabConfig } from "../../config/types";
import type { Cluster } from "../cluster-objects";
import { lifeText } from "../duration";
import { certificateStates, type CertificateState } from "./certificates";
import { addressesOf, poolUses, poolUseText, type PoolUse } from "./pools";

/** A layer that the stack does not have is undefined; one that the cluster does not have yet is empty. */
export interface LayersOverview {
  readonly loadBalancer?: { readonly pools: readonly PoolUse[] } | undefined;
  /** Addresses that the layer's Service was given. */
  readonly ingress?: { readonly addresses: readonly string[] } | undefined;
  readonly lanDns?: { readonly addresses: readonly string[] } | undefined;
  readonly certificates?: readonly CertificateState[] | undefined;
}

/** Namespace and name of the Services that carry the layers' addresses. */
export const INGRESS = { namespace: TRAEFIK, name: TRAEFIK };
export const NAME_SERVER = { namespace: "dns", name: LAN_DNS };

/** Looks up the stack's layers in the cluster. */
export function layersOverview(config: HomelabConfig, cluster: Cluster): LayersOverview {
  const assigned = (of: { readonly namespace: string; readonly name: string }): { addresses: string[] } => ({
    addresses: cluster.services
      .filter(({ metadata }) => metadata.namespace === of.namespace && metadata.name === of.name)
      .flatMap(addressesOf),
  });
  return {
    ...(config.loadBalancer && { loadBalancer: { pools: poolUses(cluster) } }),
    ...(config.ingress && { ingress: assigned(INGRESS) }),
    ...(config.lanDns && { lanDns: assigned(NAME_SERVER) }),
    ...(config.certificates && { certificates: certificateStates(cluster) }),
  };
}

/** Rows of a table, a layer each; more where a layer has several things to show. */
export function overviewRows(overview: LayersOverview): string[][] {
  const { loadBalancer, ingress, lanDns, certificates } = overview;
  const addresses = (of: { readonly addresses: readonly string[] }): string[] => [
    of.addresses.join(", ") || "no address",
  ];
  return [
    ...titled(
      "load balancer",
      loadBalancer?.pools.map((use) => `pool ${use.pool}: ${poolUseText(use)}`),
      "no pools",
    ),
    ...titled("ingress", ingress && addresses(ingress)),
    ...titled("LAN DNS", lanDns && addresses(lanDns)),
    ...titled("certificates", certificates?.map(certificateText), "none"),
  ];
}

function titled(title: string, lines: readonly string[] | undefined, none = ""): string[][] {
  if (lines === undefined) return [];
  return (lines.length === 0 ? [none] : lines).map((line, index) => [index === 0 ? title : "", line]);
}

function certificateText({ name, ready, secondsLeft }: CertificateState): string {
  const state = ready ? "" : ", not ready";
  if (secondsLeft === undefined) return `${name}: not issued`;
  if (secondsLeft <= 0) return `${name}: ended ${lifeText(-secondsLeft)} ago${state}`;
  return `${name}: ${lifeText(secondsLeft)} left${state}`;
}
