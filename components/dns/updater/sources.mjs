/** Which public address the home has, by the word of two sources that agree. */
import { inSamePrefix, publicAddress } from "./addresses.mjs";
import { limit, reasonOf } from "./http.mjs";

/** @typedef {import("./addresses.mjs").Family} Family */

/**
 * What is known of one family: the address to publish; that nothing is to be published; or that it is not known now.
 *
 * @typedef {{ state: "address", address: string } | { state: "none" } | { state: "unknown", reason: string }} Observation
 */

/** One source's answer. @typedef {{ source: string, address?: string, problem?: string }} Answer */

/** Time limit of one source, in milliseconds. */
const SOURCE_LIMIT = 5_000;

/**
 * Asks all sources of a family at the same time.
 *
 * @param {Family} family
 * @param {readonly string[]} urls each answers with the caller's address as text; none: nothing is to be published
 * @param {string | undefined} host IPv6: the address whose last 64 bits the published one gets
 * @param {{ fetch: import("./http.mjs").Fetch, signal: AbortSignal }} context
 * @returns {Promise<Observation>}
 */
export async function observe(family, urls, host, context) {
  if (urls.length === 0 || (family === "ipv6" && host === undefined)) return { state: "none" };
  const answers = await Promise.all(urls.map((url) => ask(family, url, context)));
  // Hosts of a network may leave it by different addresses of its /64: it is what gets published that must agree.
  const published = answers.map(({ address, ...answer }) =>
    address === undefined ? answer : { ...answer, address: host === undefined ? address : inSamePrefix(address, host) },
  );
  return agreement(published);
}

/**
 * The address that at least two sources say, if there is only one such.
 *
 * @param {readonly Answer[]} answers
 * @returns {Observation}
 */
export function agreement(answers) {
  /** @type {Map<string, number>} */
  const votes = new Map();
  for (const { address } of answers) {
    if (address !== undefined) votes.set(address, (votes.get(address) ?? 0) + 1);
  }
  const agreed = [...votes].filter(([, count]) => count >= 2);
  const [only] = agreed;
  if (only !== undefined && agreed.length === 1) return { state: "address", address: only[0] };
  const said = answers.map(({ source, address, problem }) => `${source}: ${address ?? problem}`).join("; ");
  return { state: "unknown", reason: `no address that two sources agree on (${said})` };
}

/**
 * @param {Family} family
 * @param {string} url
 * @param {{ fetch: import("./http.mjs").Fetch, signal: AbortSignal }} context
 * @returns {Promise<Answer>}
 */
async function ask(family, url, { fetch, signal }) {
  const source = new URL(url).host;
  try {
    const response = await fetch(url, { redirect: "error", signal: limit(signal, SOURCE_LIMIT) });
    const text = (await response.text()).trim();
    if (!response.ok) return { source, problem: `HTTP status ${response.status}` };
    const address = publicAddress(text, family);
    if (address !== undefined) return { source, address };
    return { source, problem: `${JSON.stringify(text.slice(0, 60))} is no public address of this family` };
  } catch (error) {
    return { source, problem: reasonOf(error) };
  }
}
