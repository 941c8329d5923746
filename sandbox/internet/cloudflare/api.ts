import type { IncomingHttpHeaders } from "node:http";
import { ZONE_SERVERS } from "../names";
import { page, refusal, Refusal, success, type Answer } from "./answers";
import { filterRecords } from "./filters";
import { RateLimit } from "./rate-limit";
import { checkConflicts, invalidBody, readRecord } from "./records";
import { checkToken, forbidden, verified, type Resource } from "./token";
import { newIdentifier, type Zone, type ZoneFile, type ZoneRecord } from "./zone-file";

/** A request as it came in. */
export interface ApiRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const BASE = "/client/v4";

/**
 * Emulator of the part of Cloudflare's API v4 that concerns one zone's records, after
 * https://developers.cloudflare.com/api/resources/dns/subresources/records/
 *
 * Its token is limited to the zone, with Zone:Read and DNS:Edit. A record's answer carries `zone_id` and `zone_name`,
 * which the real API left out at the end of 2024: cert-manager 1.11, the sandbox's, deletes by `zone_id`. Nothing that
 * runs in a real home may rely on them.
 */
export class CloudflareApi {
  constructor(
    private readonly file: ZoneFile,
    private readonly token: string,
    private readonly limit = new RateLimit(),
  ) {}

  /** Answers a request; a refusal is an answer, too. */
  answer(request: ApiRequest): Answer {
    let headers: Readonly<Record<string, string>> = {};
    try {
      headers = this.limit.take();
      const answer = this.route(request);
      return { ...answer, headers: { ...headers, ...answer.headers } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const answer = error.answer();
      return { ...answer, headers: { ...headers, ...answer.headers } };
    }
  }

  private route(request: ApiRequest): Answer {
    const { pathname, searchParams } = new URL(request.url, "https://api.cloudflare.com");
    if (!pathname.startsWith(`${BASE}/`)) throw noRoute(pathname);
    const parts = pathname.slice(BASE.length + 1).split("/");
    const [collection, zoneId, sub, recordId, ...rest] = parts;
    if (parts.join("/") === "user/tokens/verify") {
      this.check(request, "verify", "GET");
      return verified(this.token);
    }
    if (collection !== "zones" || rest.length > 0) throw noRoute(pathname);
    if (zoneId === undefined) {
      this.check(request, "zone", "GET");
      return this.listZones(searchParams);
    }
    if (!isIdentifier(zoneId) || (recordId !== undefined && !isIdentifier(recordId))) throw noRoute(pathname);
    if (sub === undefined) {
      this.check(request, "zone", "GET");
      return success(zoneObject(this.zone(zoneId, "zone")));
    }
    if (sub !== "dns_records") throw noRoute(pathname);
    return recordId === undefined
      ? this.collection(request, zoneId, searchParams)
      : this.record(request, zoneId, recordId);
  }

  private collection(request: ApiRequest, zoneId: string, query: URLSearchParams): Answer {
    this.check(request, "records", "GET", "POST");
    const zone = this.zone(zoneId, "records");
    if (request.method === "GET") {
      const found = filterRecords(zone.records, query).map((record) => recordObject(record, zone));
      return page(found, query, { default: 100, max: 5_000_000 });
    }
    return this.store(zone, parse(request.body), undefined);
  }

  private record(request: ApiRequest, zoneId: string, recordId: string): Answer {
    this.check(request, "records", "GET", "PUT", "PATCH", "DELETE");
    const zone = this.zone(zoneId, "records");
    const record = zone.records.find(({ id }) => id === recordId);
    if (record === undefined) throw refusal(404, 81044, "Record does not exist.");
    if (request.method === "GET") return success(recordObject(record, zone));
    if (request.method === "DELETE") {
      this.file.change(zone.records.filter((one) => one !== record));
      return success({ id: record.id });
    }
    return this.store(zone, parse(request.body), record, request.method === "PATCH");
  }

  /** Adds a record, or puts another in a record's place. */
  private store(zone: Zone, body: unknown, previous: ZoneRecord | undefined, merge = false): Answer {
    const draft = readRecord(body, zone.name, merge ? previous : undefined);
    const others = zone.records.filter((one) => one !== previous);
    checkConflicts(draft, others);
    const now = new Date().toISOString();
    const comment = draft.comment === previous?.comment ? previous.comment_modified_on : now;
    const record: ZoneRecord = {
      id: previous?.id ?? newIdentifier(),
      ...draft,
      created_on: previous?.created_on ?? now,
      modified_on: now,
      ...(draft.comment === null ? {} : { comment_modified_on: comment }),
    };
    this.file.change([...others, record]);
    return success(recordObject(record, zone));
  }

  private listZones(query: URLSearchParams): Answer {
    const zone = this.file.read();
    const fits =
      (query.get("name") ?? zone.name).toLowerCase() === zone.name && (query.get("status") ?? "active") === "active";
    return page(fits ? [zoneObject(zone)] : [], query, { default: 20, max: 50 });
  }

  private zone(id: string, resource: Exclude<Resource, "verify">): Zone {
    const zone = this.file.read();
    if (zone.id !== id) throw forbidden(resource);
    return zone;
  }

  private check({ headers, method }: ApiRequest, resource: Resource, ...methods: readonly string[]): void {
    if (!methods.includes(method)) {
      throw refusal(405, 10405, "Method not allowed for this authentication scheme");
    }
    checkToken(headers, this.token, resource);
  }
}

function isIdentifier(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

function noRoute(path: string): Refusal {
  return refusal(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalidBody();
  }
}

function recordObject(record: ZoneRecord, zone: Zone): object {
  const proxiable = record.type !== "TXT";
  const { id, ...rest } = record;
  return { id, zone_id: zone.id, zone_name: zone.name, ...rest, proxiable, settings: {}, meta: {}, tags: [] };
}

/** What of a zone's description clients look at; https://developers.cloudflare.com/api/resources/zones/methods/get/ */
function zoneObject({ id, name }: Zone): object {
  return {
    id,
    name,
    status: "active",
    paused: false,
    type: "full",
    development_mode: 0,
    name_servers: ZONE_SERVERS,
    original_name_servers: null,
    permissions: ["#dns_records:edit", "#dns_records:read", "#zone:read"],
    plan: { name: "Free Website", legacy_id: "free" },
  };
}
