import type { DualStack } from "../../config/types";

/**
 * The annotation by which MetalLB gives a Service exactly these addresses.
 * https://metallb.io/usage/#requesting-specific-ips
 */
export function fixedAddresses({ ipv4, ipv6 }: DualStack): Record<string, string> {
  return { "metallb.io/loadBalancerIPs": ipv6 === undefined ? ipv4 : `${ipv4},${ipv6}` };
}
