import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Refusal, refusal, success, type Answer } from "./answers";

/** Length of a token that `My Profile → API Tokens` makes, of letters, digits, `_` and `-`. */
export const TOKEN_LENGTH = 40;

/** Resources that refuse a wrong token, or one that may not use them, in ways of their own. */
export type Resource = "verify" | "zone" | "records";

/** Tokens of the older form, and of the newer one that begins with `cfut_` or `cfat_`. */
const WELL_FORMED = /^Bearer (cf[a-z]t_)?[A-Za-z0-9_-]{40,60}$/;

/**
 * Checks the request's token. The emulator knows one token, with the permissions Zone:Read and DNS:Edit for one zone.
 *
 * @throws Refusal as the real API words it, which differs between its parts.
 */
export function checkToken(headers: IncomingHttpHeaders, token: string, resource: Resource): void {
  const { authorization } = headers;
  if (authorization === undefined) throw missing(headers, resource);
  if (!WELL_FORMED.test(authorization)) throw malformed(6111, "Authorization");
  if (!same(authorization, `Bearer ${token}`)) {
    if (resource === "verify") throw refusal(401, 1000, "Invalid API Token");
    throw resource === "zone" ? refusal(403, 9109, "Invalid access token") : forbidden(resource);
  }
}

/** The answer to the question whether a token that passed the check is good. */
export function verified(token: string): Answer {
  const id = createHash("sha256").update(token).digest("hex").slice(0, 32);
  const message = { code: 10000, message: "This API Token is valid and active", type: null };
  return success({ id, status: "active" }, { messages: [message] });
}

/** A good token that has no permission for this zone, which is also what is said of a zone that does not exist. */
export function forbidden(resource: Exclude<Resource, "verify">): Refusal {
  if (resource === "records") return refusal(403, 10000, "Authentication error");
  return refusal(403, 9109, "Unauthorized to access requested resource");
}

function missing(headers: IncomingHttpHeaders, resource: Resource): Refusal {
  if (resource === "verify") return refusal(400, 1001, 'Missing "Authorization" header');
  // A global API key is no token, and a token in its place is the mistake that people make most.
  if (headers["x-auth-key"] !== undefined) return malformed(6103, "X-Auth-Key");
  return refusal(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");
}

function malformed(code: number, header: string): Refusal {
  const chain = [{ code, message: `Invalid format for ${header} header` }];
  return new Refusal(400, { code: 6003, message: "Invalid request headers", error_chain: chain });
}

function same(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
