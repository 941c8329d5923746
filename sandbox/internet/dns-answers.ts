import * as dns from "dns-packet";
import type { Answer, Packet, Question } from "dns-packet";
import type { Zone, ZoneRecord } from "./cloudflare/zone-file";
import { ZONE_SERVERS } from "./names";

/** Response codes of RFC 1035 and, for 5, RFC 2136. dns-packet leaves them to the caller, in the flags' last four bits. */
export const RCODE = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 } as const;

/** Seconds that a record with the TTL "automatic" gets from Cloudflare. */
const AUTOMATIC_TTL = 300;

/**
 * Seconds that a negative answer may be kept, and the TTL of SOA and NS. Cloudflare's zones say 1800; a short time keeps
 * the sandbox's tests from waiting for resolvers that have cached the absence of a record.
 */
const ZONE_TTL = 30;

/** What addresses of proxied records are answered with: Cloudflare's own, not the home's. */
const EDGE = { A: "104.16.0.1", AAAA: "2606:4700::6810:1" } as const;

/** A CNAME that leads to a CNAME is followed so often at most. */
const CHAIN_LIMIT = 8;

/**
 * Answers a query as an authoritative server of the zone, after RFC 1034 4.3.2, 2308 (negative answers) and 4592
 * (wildcards). EDNS is answered when it is asked for; there is no DNSSEC.
 */
export function answerQuery(query: Packet, zone: Zone): Packet {
  const [question, ...others] = query.questions ?? [];
  const opcode = ((query.flags ?? 0) >> 11) & 0xf;
  if (opcode !== 0) return response(query, RCODE.notImplemented);
  if (question === undefined || others.length > 0) return response(query, RCODE.formatError);
  const name = question.name.toLowerCase();
  const inZone = name === zone.name || name.endsWith(`.${zone.name}`);
  if (!inZone || (question.class ?? "IN") !== "IN") return response(query, RCODE.refused);
  const answers = resolve(name, question, zone);
  if (answers === undefined) return response(query, RCODE.nameError, { authorities: [soa(zone)] });
  return response(query, RCODE.noError, answers.length === 0 ? { authorities: [soa(zone)] } : { answers });
}

/** The same answer without what does not fit into a datagram, by which the client knows to ask again over TCP. */
export function truncated({ answers: _, authorities: __, ...packet }: Packet): Packet {
  return { ...packet, flags: (packet.flags ?? 0) | dns.TRUNCATED_RESPONSE };
}

/** Bytes that the client's datagrams may have: 512, or what its EDNS record says. */
export function datagramLimit(query: Packet): number {
  const opt = query.additionals?.find((one) => one.type === "OPT");
  return opt?.type === "OPT" ? Math.max(512, Math.min(opt.udpPayloadSize, 1232)) : 512;
}

function response(query: Packet, rcode: number, sections: Partial<Packet> = {}): Packet {
  const authoritative = rcode === RCODE.noError || rcode === RCODE.nameError ? dns.AUTHORITATIVE_ANSWER : 0;
  const kept = (query.flags ?? 0) & (dns.RECURSION_DESIRED | dns.CHECKING_DISABLED);
  const edns = query.additionals?.some(({ type }) => type === "OPT") === true;
  return {
    type: "response",
    id: query.id ?? 0,
    flags: kept | authoritative | rcode,
    questions: query.questions ?? [],
    ...sections,
    additionals: edns
      ? [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: 1232,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  };
}

/** The answer section; empty when the name has no such record, undefined when there is no such name. */
function resolve(name: string, question: Question, zone: Zone, depth = 0): Answer[] | undefined {
  const owner = depth === 0 ? question.name : name;
  const apex = name === zone.name ? apexRecords(zone, owner) : [];
  const records = recordsOf(name, zone);
  if (records === undefined && apex.length === 0) return undefined;
  const all = [...apex, ...(records ?? []).flatMap((record) => answersOf(record, owner))];
  const wanted = all.filter(({ type }) => type === question.type || (question.type as string) === "ANY");
  if (wanted.length > 0) return wanted;
  const alias = all.find((one) => one.type === "CNAME");
  if (alias?.type !== "CNAME") return [];
  const target = alias.data;
  const inside = target === zone.name || target.endsWith(`.${zone.name}`);
  const further = inside && depth < CHAIN_LIMIT ? resolve(target, question, zone, depth + 1) : [];
  return [alias, ...(further ?? [])];
}

/** The name's own records, else those of the wildcard beside or above it; undefined when neither exists. */
function recordsOf(name: string, zone: Zone): readonly ZoneRecord[] | undefined {
  const own = (wanted: string) => zone.records.filter((record) => record.name === wanted);
  const exists = (wanted: string) =>
    zone.records.some((record) => record.name === wanted || record.name.endsWith(`.${wanted}`));
  if (exists(name) || name === zone.name) return own(name);
  // The closest name above that exists decides: a wildcard further up does not reach below it.
  let parent = name;
  do parent = parent.slice(parent.indexOf(".") + 1);
  while (parent !== zone.name && !exists(parent));
  const wildcard = own(`*.${parent}`);
  return wildcard.length === 0 ? undefined : wildcard;
}

function answersOf(record: ZoneRecord, owner: string): Answer[] {
  const ttl = record.ttl === 1 ? AUTOMATIC_TTL : record.ttl;
  const common = { name: owner, ttl, class: "IN" } as const;
  if (record.proxied) {
    return [
      { ...common, type: "A", data: EDGE.A },
      { ...common, type: "AAAA", data: EDGE.AAAA },
    ];
  }
  if (record.type === "TXT") return [{ ...common, type: "TXT", data: strings(record.content) }];
  return [{ ...common, type: record.type, data: record.content }];
}

/** A TXT record's content in character strings: those that are quoted in it, else parts of 255 bytes. */
function strings(content: string): Buffer[] {
  const quoted = [...content.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
  const texts = content.startsWith('"') && quoted.length > 0 ? quoted : [content];
  return texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const parts = Math.max(1, Math.ceil(bytes.length / 255));
    return Array.from({ length: parts }, (_, index) => bytes.subarray(index * 255, (index + 1) * 255));
  });
}

function apexRecords(zone: Zone, owner: string): Answer[] {
  const servers = ZONE_SERVERS.map((data): Answer => ({ type: "NS", name: owner, ttl: ZONE_TTL, class: "IN", data }));
  return [{ ...soa(zone), name: owner }, ...servers];
}

function soa(zone: Zone): Answer {
  return {
    type: "SOA",
    name: zone.name,
    ttl: ZONE_TTL,
    class: "IN",
    data: {
      mname: ZONE_SERVERS[0],
      rname: "dns.sandbox.test",
      serial: zone.serial,
      refresh: 10_000,
      retry: 2400,
      expire: 604_800,
      minimum: ZONE_TTL,
    },
  };
}
