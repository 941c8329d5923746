import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { refusal, type Refusal } from "./answers";
import { RECORD_TYPES, type RecordType, type ZoneRecord } from "./zone-file";

/** What a client sets of a record. */
export type RecordDraft = Pick<ZoneRecord, "type" | "name" | "content" | "ttl" | "proxied" | "comment">;

const SAME_NAME_HELP =
  "For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

/** Length of a comment on the Free plan. https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/ */
const COMMENT_LENGTH = 100;

/**
 * Reads a record out of a request's body, as the API of a zone on the Free plan does: no tags, short comments.
 *
 * @param body Parsed JSON.
 * @param zone Name of the zone; a name outside of it is taken as one below it, `@` as the zone's own.
 * @param previous The record that a PATCH changes. Default: what the body lacks has the API's default.
 * @throws Refusal of the first thing that is wrong.
 */
export function readRecord(body: unknown, zone: string, previous?: ZoneRecord): RecordDraft {
  // 9207 is what a body that is no JSON gets; that a list or a text gets the same is a guess.
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalidBody();
  const fields = { ...previous, ...body } as Readonly<Record<string, unknown>>;
  const type = readType(fields["type"]);
  const proxied = fields["proxied"] === true;
  if (proxied && type === "TXT") throw refusal(400, 9004, "This record type cannot be proxied.");
  return {
    type,
    name: readName(fields["name"], zone),
    content: readContent(type, fields["content"]),
    ttl: proxied ? 1 : readTtl(fields["ttl"]),
    proxied,
    comment: readComment(fields["comment"], fields["tags"]),
  };
}

/**
 * Looks for records that a new or changed one cannot stand beside.
 *
 * @throws Refusal with 81058 for the very same record (81057 in the API's older answers), 81053 and 81054 for a CNAME
 * beside an address.
 */
export function checkConflicts(draft: RecordDraft, others: readonly ZoneRecord[]): void {
  const beside = others.filter(({ name }) => name === draft.name);
  if (beside.some(({ type, content }) => type === draft.type && content === draft.content)) {
    throw refusal(400, 81058, "An identical record already exists.");
  }
  if (draft.type === "CNAME" && beside.some(({ type }) => type !== "TXT")) {
    throw refusal(400, 81053, `An A, AAAA, or CNAME record with that host already exists. ${SAME_NAME_HELP}`);
  }
  if ((draft.type === "A" || draft.type === "AAAA") && beside.some(({ type }) => type === "CNAME")) {
    throw refusal(400, 81054, `A CNAME record with that host already exists. ${SAME_NAME_HELP}`);
  }
}

/** A body that is no JSON. */
export function invalidBody(): Refusal {
  return refusal(400, 9207, "Request body is invalid.");
}

function readType(value: unknown): RecordType {
  const found = RECORD_TYPES.find((type) => type === value);
  if (found === undefined) throw refusal(400, 9020, "Invalid DNS record type");
  return found;
}

function readName(value: unknown, zone: string): string {
  if (typeof value !== "string") throw invalidName();
  const text = value.toLowerCase().replace(/\.$/, "");
  const inside = text === zone || text.endsWith(`.${zone}`);
  const name = text === "@" ? zone : inside ? text : `${text}.${zone}`;
  const labels = name.split(".");
  const good = labels.every((label, index) => (index === 0 && label === "*") || /^[a-z0-9_-]{1,63}$/.test(label));
  if (!good || name.length > 253) throw invalidName();
  return name;
}

function invalidName(): Refusal {
  return refusal(400, 9000, "DNS name is invalid.");
}

function readContent(type: RecordType, value: unknown): string {
  const text = typeof value === "string" ? value : "";
  switch (type) {
    case "A":
      if (!isIPv4(text)) throw refusal(400, 9005, "Content for A record must be a valid IPv4 address.");
      return text;
    case "AAAA":
      if (!isIPv6(text) || text.includes("%")) {
        throw refusal(400, 9006, "Content for AAAA record must be a valid IPv6 address.");
      }
      return ipaddr.parse(text).toString();
    case "CNAME": {
      const target = text.toLowerCase().replace(/\.$/, "");
      if (!/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(target) || isIPv4(target)) {
        throw refusal(400, 9007, "Content for CNAME record is invalid.");
      }
      return target;
    }
    case "TXT":
      // The code is a guess. A longer content than 2048 characters is refused on every plan.
      if (text === "" || text.length > 2048) throw refusal(400, 9009, "Content for TXT record is invalid.");
      return text;
  }
}

function readTtl(value: unknown): number {
  if (value === undefined) return 1;
  if (value === 1 || (Number.isInteger(value) && Number(value) >= 60 && Number(value) <= 86_400)) return Number(value);
  throw refusal(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.");
}

function readComment(comment: unknown, tags: unknown): string | null {
  const count = Array.isArray(tags) ? tags.length : 0;
  if (count > 0) throw refusal(400, 9300, `DNS record has ${count} tags, exceeding the quota of 0.`);
  if (comment === undefined || comment === null || comment === "") return null;
  // The code is a guess.
  if (typeof comment !== "string" || comment.length > COMMENT_LENGTH) {
    throw refusal(400, 9301, `DNS record comment is longer than ${COMMENT_LENGTH} characters.`);
  }
  return comment;
}
