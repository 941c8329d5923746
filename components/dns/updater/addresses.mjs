/** Public addresses: which text is one, and how it is written. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** @typedef {"ipv4" | "ipv6"} Family */

/**
 * Networks whose addresses no source on the internet can have seen: private, shared by a provider's customers, loopback,
 * link-local, multicast. https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
const NOT_PUBLIC = {
  ipv4: [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
  ],
  ipv6: ["::/8", "fc00::/7", "fe80::/9", "ff00::/8"],
};

// A list each: in a common one, every IPv4 address would be in ::/8 by its IPv4-mapped form.
const notPublic = { ipv4: blockList("ipv4"), ipv6: blockList("ipv6") };

/** @param {Family} family */
function blockList(family) {
  const list = new BlockList();
  for (const network of NOT_PUBLIC[family]) {
    const [base = "", prefix] = network.split("/");
    list.addSubnet(base, Number(prefix), family);
  }
  return list;
}

/**
 * The address in its one usual form.
 *
 * @param {string} text
 * @param {Family} family
 * @returns {string | undefined} undefined if the text is no address of that family
 */
export function canonical(text, family) {
  if (family === "ipv4") return isIPv4(text) ? text : undefined;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  // A URL's host is written in that form.
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

/**
 * @param {string} text
 * @param {Family} family
 * @returns {string | undefined} undefined if the text is no public address of that family
 */
export function publicAddress(text, family) {
  const address = canonical(text, family);
  return address === undefined || notPublic[family].check(address, family) ? undefined : address;
}

/**
 * The address of the same host in another /64: a home's prefix changes, the last 64 bits are its own choice.
 *
 * @param {string} observed an address in the /64
 * @param {string} own the address whose last 64 bits count
 * @returns {string}
 */
export function inSamePrefix(observed, own) {
  const text = [...groups(observed).slice(0, 4), ...groups(own).slice(4)].join(":");
  return /** @type {string} */ (canonical(text, "ipv6"));
}

/**
 * @param {string} address IPv6, canonical or not
 * @returns {string[]} its eight groups
 */
function groups(address) {
  const [head = "", tail] = (canonical(address, "ipv6") ?? "").split("::");
  const left = head.split(":").filter((group) => group !== "");
  const right = (tail ?? "").split(":").filter((group) => group !== "");
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
}
