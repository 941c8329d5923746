/** The part of Cloudflare's API that is needed here. https://developers.cloudflare.com/api/ */
import { limit, reasonOf } from "./http.mjs";
import { TTL_SECONDS } from "./plan.mjs";

/** @typedef {import("./plan.mjs").DnsRecord} DnsRecord */

/** @typedef {{ errors?: { code: number, message: string }[], result?: unknown, result_info?: { total_pages?: number } }} Body */

/** Time limit of one request, in milliseconds. */
const REQUEST_LIMIT = 8_000;
const PER_PAGE = 100;

const TOKEN_REMEDY =
  "give homelab:cloudflareApiToken a valid token with the permissions Zone:Read and DNS:Edit for this zone, and run `pulumi up`";

/** A failure that its message explains: what, where, and what to do. It never holds the token. */
export class CloudflareError extends Error {}

export class Cloudflare {
  /** @param {{ base: string, token: string, fetch: import("./http.mjs").Fetch, signal: AbortSignal }} options */
  constructor({ base, token, fetch, signal }) {
    // An invalid header would be shown in fetch's own message.
    if (!/^[\w-]+$/.test(token)) throw new CloudflareError(`the token has characters that none has; ${TOKEN_REMEDY}`);
    this.base = base;
    this.token = token;
    this.fetch = fetch;
    this.signal = signal;
  }

  /**
   * The zone that the domain is in: the domain's own or a parent's.
   *
   * @param {string} domain
   * @returns {Promise<string>} its identifier
   */
  async zoneOf(domain) {
    const labels = domain.split(".");
    const candidates = labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
    for (const name of candidates) {
      const { result } = await this.call("GET", `/zones?name=${encodeURIComponent(name)}`);
      const [zone] = /** @type {{ id: string }[]} */ (result);
      if (zone !== undefined) return zone.id;
    }
    throw new CloudflareError(`the token sees no zone ${candidates.join(" or ")}; ${TOKEN_REMEDY}`);
  }

  /**
   * All records of the zone.
   *
   * @param {string} zone
   * @returns {Promise<DnsRecord[]>}
   */
  async records(zone) {
    /** @type {DnsRecord[]} */
    const all = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const body = await this.call("GET", `/zones/${zone}/dns_records?per_page=${PER_PAGE}&page=${page}`);
      all.push(.../** @type {DnsRecord[]} */ (body.result));
      pages = body.result_info?.total_pages ?? 1;
    }
    return all;
  }

  /**
   * Carries out one decision that changes something.
   *
   * @param {string} zone
   * @param {Exclude<import("./plan.mjs").Decision, { action: "conflict" }>} decision
   * @param {string} comment
   */
  async apply(zone, decision, comment) {
    const { type, name, content } = decision;
    const records = `/zones/${zone}/dns_records`;
    const wanted = { type, name, content, ttl: TTL_SECONDS, proxied: false, comment };
    if (decision.action === "create") await this.call("POST", records, wanted);
    if (decision.action === "update") await this.call("PATCH", `${records}/${decision.record.id}`, wanted);
    if (decision.action === "delete") await this.call("DELETE", `${records}/${decision.record.id}`);
  }

  /**
   * @param {"GET" | "POST" | "PATCH" | "DELETE"} method
   * @param {string} path
   * @param {object} [payload]
   * @returns {Promise<Body>}
   */
  async call(method, path, payload) {
    const where = `${method} ${path.replace(/\?.*/, "")}`;
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const request = { method, headers, ...(payload && { body: JSON.stringify(payload) }) };
    let response;
    try {
      response = await this.fetch(this.base + path, { ...request, signal: limit(this.signal, REQUEST_LIMIT) });
      const body = /** @type {Body} */ (await response.json());
      if (response.ok) return body;
      throw new CloudflareError(`${where}: ${refusal(response.status, body.errors ?? [])}`);
    } catch (error) {
      if (error instanceof CloudflareError) throw error;
      if (error instanceof SyntaxError) throw new CloudflareError(`${where}: HTTP status ${response?.status}, no JSON`);
      throw new CloudflareError(`${where}: ${new URL(this.base).host}: ${reasonOf(error)}`);
    }
  }
}

/**
 * @param {number} status
 * @param {readonly { code: number, message: string }[]} errors
 * @returns {string}
 */
function refusal(status, errors) {
  const said = errors.map(({ code, message }) => `${code} ${message}`).join(", ") || "no reason given";
  const text = `Cloudflare refused with HTTP status ${status} (${said})`;
  if (status === 429) return `${text}; too many requests: the next run tries again`;
  // A token that is none is a bad request (6003, 6111), one that is unknown or lacks a permission is refused.
  const token = [401, 403].includes(status) || errors.some(({ code }) => [6003, 6111].includes(code));
  return token ? `${text}; ${TOKEN_REMEDY}` : text;
}
