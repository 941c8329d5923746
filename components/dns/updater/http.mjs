/** Requests with a time limit, and why one failed in words. */

/** @typedef {(url: string, init: RequestInit) => Promise<Response>} Fetch */

/**
 * @param {unknown} error what `fetch` threw
 * @returns {string}
 */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  const cause = /** @type {{ code?: string, message?: string } | undefined} */ (error.cause);
  const code = cause?.code ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `its name cannot be resolved (${code})`;
  if (/CERT|SIGNATURE|ISSUER/.test(code)) {
    return `its TLS certificate is not trusted (${code}); if the home's network signs it, add its CA to homelab:trustedCAs`;
  }
  return cause?.message || code || error.message;
}

/**
 * The earlier of two limits.
 *
 * @param {AbortSignal} whole limit of the whole run
 * @param {number} milliseconds limit of this request
 */
export function limit(whole, milliseconds) {
  return AbortSignal.any([whole, AbortSignal.timeout(milliseconds)]);
}
