import ipaddr from "ipaddr.js";
import { UserError } from "../progress";
import type { SandboxConfig } from "../stack/read";

/** One member's addresses in the sandbox's LAN. */
export interface MemberAddresses {
  readonly ipv4: string;
  readonly ipv6?: string | undefined;
}

/** The addresses that the sandbox itself takes in the LAN of the stack's config, and the prefix lengths. */
export interface LanAddresses {
  /** First address of the network: name server, mirror and registry. */
  readonly router: MemberAddresses;
  /** Second address: where pulumi and kubectl run. */
  readonly client: MemberAddresses;
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number | undefined;
}

/**
 * Derives the sandbox's own addresses from `homelab:network.lan`.
 *
 * @throws UserError when the network is not a CIDR, or a host or the VIP has one of the two addresses.
 */
export function lanAddresses(config: SandboxConfig): LanAddresses {
  const { ipv4, ipv6 } = config.lan;
  const first = nthAddress(ipv4, 1);
  const six = ipv6 === undefined ? undefined : nthAddress(ipv6, 1);
  const addresses: LanAddresses = {
    router: { ipv4: first.address, ipv6: six?.address },
    client: { ipv4: nthAddress(ipv4, 2).address, ipv6: ipv6 === undefined ? undefined : nthAddress(ipv6, 2).address },
    ipv4Prefix: first.prefix,
    ipv6Prefix: six?.prefix,
  };
  const own = [addresses.router.ipv4, addresses.client.ipv4];
  const taken = [...config.hosts.map((host) => host.address), config.vip.ipv4].find((address) => own.includes(address));
  if (taken !== undefined) {
    throw new UserError(
      `${taken} is the sandbox's own address (.1: mirror, .2: client): choose another in the stack file.`,
    );
  }
  return addresses;
}

function nthAddress(cidr: string, offset: number): { readonly address: string; readonly prefix: number } {
  try {
    const [base, prefix] = ipaddr.parseCIDR(cidr);
    const bytes = base.toByteArray();
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] ?? 0) + offset;
    return { address: ipaddr.fromByteArray(bytes).toString(), prefix };
  } catch {
    throw new UserError(`homelab:network.lan: ${JSON.stringify(cidr)} is not a network: write, e.g., 192.0.2.0/24.`);
  }
}
