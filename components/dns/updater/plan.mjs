/** What is to be done with the zone's records. Pure: nothing is asked or changed here. */

/** @typedef {import("./sources.mjs").Observation} Observation */
/** @typedef {"A" | "AAAA"} Type */

/**
 * A record as Cloudflare's API has it. https://developers.cloudflare.com/api/resources/dns/subresources/records/
 *
 * @typedef {{ id: string, type: string, name: string, content: string, ttl: number, proxied?: boolean, comment?: string | null }} DnsRecord
 */

/**
 * @typedef {{ action: "keep" | "update" | "delete", type: Type, name: string, record: DnsRecord, content: string }
 *   | { action: "create", type: Type, name: string, content: string }
 *   | { action: "conflict", type: Type, name: string, record: DnsRecord }} Decision
 */

/** Time to live of our records in seconds: the least that Cloudflare takes. */
export const TTL_SECONDS = 60;

/**
 * Decides for every record of ours and for every name that is to have one. Ours are the records with our comment at the
 * domain or below it: another home in the same zone may have a cluster of the same name. Any other record is never touched,
 * and one that is in the way is a conflict.
 *
 * @param {object} args
 * @param {string} args.domain
 * @param {readonly string[]} args.names fully qualified, lower case
 * @param {Readonly<Record<Type, Observation>>} args.observed
 * @param {string} args.comment
 * @param {readonly DnsRecord[]} args.records all records of the zone
 * @returns {Decision[]}
 */
export function plan({ domain, names, observed, comment, records }) {
  return /** @type {const} */ (["A", "AAAA"]).flatMap((type) => {
    const ours = records.filter((record) => {
      const isInside = record.name === domain || record.name.endsWith(`.${domain}`);
      return record.type === type && record.comment === comment && isInside;
    });
    const now = observed[type];
    const stale = ours.filter(({ name }) => now.state === "none" || !names.includes(name));
    const decided =
      now.state === "address"
        ? names.flatMap((name) => {
            const theirs = records.filter((record) => {
              return record.name === name && record.comment !== comment && [type, "CNAME"].includes(record.type);
            });
            return decide(
              type,
              name,
              now.address,
              ours.filter((record) => record.name === name),
              theirs,
            );
          })
        : [];
    return [...decided, ...stale.map((record) => remove(type, record))];
  });
}

/**
 * @param {Type} type
 * @param {string} name
 * @param {string} content
 * @param {readonly DnsRecord[]} ours
 * @param {readonly DnsRecord[]} theirs
 * @returns {Decision[]}
 */
function decide(type, name, content, ours, theirs) {
  const [first, ...surplus] = ours;
  const [obstacle] = theirs;
  /** @type {Decision[]} */
  const decisions = obstacle ? [{ action: "conflict", type, name, record: obstacle }] : [];
  if (first === undefined) return obstacle ? decisions : [{ action: "create", type, name, content }];
  const right = first.content === content && first.ttl === TTL_SECONDS && first.proxied !== true;
  decisions.push({ action: right ? "keep" : "update", type, name, record: first, content });
  return [...decisions, ...surplus.map((record) => remove(type, record))];
}

/**
 * @param {Type} type
 * @param {DnsRecord} record
 * @returns {Decision}
 */
function remove(type, record) {
  return { action: "delete", type, name: record.name, record, content: record.content };
}
