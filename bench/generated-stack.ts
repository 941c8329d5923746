import { createHash } from "node:crypto";
import { stringify } from "yaml";

/** Of the hosts of a home, more than three would not make it safer. */
const SERVERS = 3;
/** Hosts that fit between their first address and the end of the LAN. */
const MOST = 200;

/**
 * The text of a stack file with this many hosts and no layer above the cluster; the same for the same number.
 *
 * @throws Error for a number of hosts that is no home
 */
export function generatedStack(hosts: number): string {
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > MOST) throw new Error(`${hosts} hosts are no home`);
  return stringify({
    config: {
      "pulumi:disable-default-providers": ["kubernetes"],
      "homelab:domain": "home.test",
      "homelab:cluster": { name: "bench" },
      "homelab:network": { lan: { ipv4: "192.0.2.0/24" }, apiVip: { ipv4: "192.0.2.10" } },
      "homelab:hosts": Array.from({ length: hosts }, (_, index) => ({
        name: `pi${index + 1}`,
        role: index < SERVERS ? "server" : "agent",
        address: `192.0.2.${index + 20}`,
        hostKey: hostKey(index),
      })),
    },
  });
}

/** A public key of the right form, of which nobody has the private one. */
function hostKey(index: number): string {
  const field = (data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
  };
  const key = createHash("sha256").update(`host ${index}`).digest();
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from("ssh-ed25519")), field(key)]).toString("base64")}`;
}
