/** Rules about how hosts are set up. */
import { contains, type Family } from "./addresses";
import type { Draft } from "./draft";
import { rangeHolds } from "./ranges";
import type { Finding, Rule } from "./rule";
import { allRanges } from "./rules-pools";

const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** A host that asks the cluster's own name server has none after a power loss: the cluster needs the hosts first. */
function servedNameservers(draft: Draft): Finding[] {
  return draft.hostNameservers.flatMap(({ path, value }): Finding[] => {
    const served = FAMILIES.flatMap((family): string[] => [
      ...(draft.apiVip[family] === value ? [`network.apiVip.${family}`] : []),
      ...(draft.lanDnsAddress[family] === value ? [`lanDns.address.${family}`] : []),
      ...(["podCidrs", "serviceCidrs"] as const).flatMap((section) => {
        const network = draft[section][family]?.network;
        return network !== undefined && contains(network, value) ? [`network.${section}.${family}`] : [];
      }),
    ]);
    const pooled = allRanges(draft).filter((range) => rangeHolds(range.value, value));
    const [by] = [...served, ...pooled.map((range) => range.path)];
    if (by === undefined) return [];
    const found = `found ${JSON.stringify(value)}, which the cluster itself serves (${by})`;
    return [{ path, found, remedy: "name the router or a public resolver: the cluster starts after its hosts" }];
  });
}

function imageGc({ imageGc: gc }: Draft): Finding[] {
  if (gc === undefined || gc.lowPercent < gc.highPercent) return [];
  const found = `found ${gc.lowPercent}, not below highPercent (${gc.highPercent})`;
  return [{ path: "hostSettings.imageGc.lowPercent", found, remedy: "write a smaller number than highPercent" }];
}

export const hostSettingsRules: readonly Rule[] = [
  { name: "served-nameserver", check: servedNameservers },
  { name: "image-gc", check: imageGc },
];
