/** Who is asked for the home's public address unless the config says otherwise. */
import { addressText, isUniqueLocal, type Network } from "./addresses";

/** Two operators, so that neither can move the home's records alone. */
export const IPV4_SOURCES: readonly string[] = ["https://api.ipify.org", "https://ipv4.icanhazip.com"];
const IPV6_SOURCES: readonly string[] = ["https://api6.ipify.org", "https://ipv6.icanhazip.com"];

/**
 * The same two by IPv6; none without IPv6 in the LAN, and none with unique local addresses (fc00::/7): records with the
 * provider's prefix lead to the ingress only if the router translates that prefix, which few do.
 */
export function defaultIpv6Sources(lan: Network | undefined): readonly string[] {
  return lan === undefined || isUniqueLocal(addressText(lan.base, "ipv6")) ? [] : IPV6_SOURCES;
}
