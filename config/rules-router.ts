/** Rules about what the router has: its own addresses and those that it gives out. Both are told us only to check against. */
import { contains, isUsableIn, parseNetwork } from "./addresses";
import type { Draft } from "./draft";
import { rangeEnds, rangeHolds } from "./ranges";
import type { Finding, Rule } from "./rule";
import { places } from "./rules-addresses";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** IPv6 routers are usually known by their link-local address (RFC 4291, 2.5.6), which is no address of the LAN's prefix. */
const LINK_LOCAL = parseNetwork("fe80::/10", "ipv6");

function gatewayOutside(draft: Draft): Finding[] {
  return FAMILIES.flatMap((family): Finding[] => {
    const [address, lan] = [draft.gateway[family], draft.lan[family]];
    if (address === undefined || lan === undefined || contains(lan.network, address)) return [];
    if (LINK_LOCAL !== undefined && contains(LINK_LOCAL, address)) return [];
    const found = `found ${JSON.stringify(address)}, no address of the LAN ${lan.network.text}`;
    return [{ path: `network.gateway.${family}`, found, remedy: "write the router's address in the LAN" }];
  });
}

function dhcpOutside({ dhcpRange, lan }: Draft): Finding[] {
  if (dhcpRange === undefined || lan.ipv4 === undefined) return [];
  const { network } = lan.ipv4;
  if (rangeEnds(dhcpRange).every((end) => isUsableIn(network, end))) return [];
  const found = `found ${dhcpRange.text}, which has addresses that nothing in the LAN ${network.text} can have`;
  return [
    { path: "network.dhcpRange", found, remedy: "write the range as the router shows it, or correct network.lan" },
  ];
}

function routersAddress(draft: Draft): Finding[] {
  return places(draft)
    .filter(({ address, family }) => draft.gateway[family] === address)
    .map(({ path, address, family }) => ({
      path,
      found: `found ${JSON.stringify(address)}, the router's own (network.gateway.${family})`,
      remedy: "choose an address that is free",
    }));
}

function inDhcpRange(draft: Draft): Finding[] {
  const { dhcpRange } = draft;
  if (dhcpRange === undefined) return [];
  const found = (address: string) =>
    `found ${JSON.stringify(address)}, which the router may give to any device (network.dhcpRange)`;
  const { ipv4 } = draft.gateway;
  const router =
    ipv4 === undefined || !rangeHolds(dhcpRange, ipv4)
      ? []
      : [{ path: "network.gateway.ipv4", found: found(ipv4), remedy: "write both as the router shows them" }];
  const taken = places(draft)
    .filter(({ address }) => rangeHolds(dhcpRange, address))
    .map(({ path, address }) => ({
      path,
      found: found(address),
      remedy: "choose an address outside the DHCP range, or make that range smaller in the router",
    }));
  return [...router, ...taken];
}

export const routerRules: readonly Rule[] = [
  { name: "gateway-outside-lan", check: gatewayOutside },
  { name: "dhcp-outside-lan", check: dhcpOutside },
  { name: "gateway-taken", check: routersAddress },
  { name: "in-dhcp-range", check: inDhcpRange },
];
