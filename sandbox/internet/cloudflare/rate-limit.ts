import { Refusal } from "./answers";

/** How many requests are answered in how many seconds. */
export interface Limit {
  readonly requests: number;
  readonly seconds: number;
}

/** https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
export const REAL_LIMIT: Limit = { requests: 1200, seconds: 300 };

/**
 * Counts requests in windows. Who asks for more in one is refused until as much time has passed again, with 429 and the
 * headers of https://developers.cloudflare.com/changelog/2025-09-03-rate-limiting-improvement/
 */
export class RateLimit {
  private start: number;
  private count = 0;
  private blockedUntil = 0;

  constructor(
    private readonly limit: Limit = REAL_LIMIT,
    /** Milliseconds since 1970. */
    private readonly now: () => number = Date.now,
  ) {
    this.start = now();
  }

  /**
   * Counts one request.
   *
   * @returns The headers that every answer carries.
   * @throws Refusal when there were too many.
   */
  take(): Record<string, string> {
    const { requests, seconds } = this.limit;
    const now = this.now();
    if (now < this.blockedUntil) throw this.refuse(now);
    if (now - this.start >= seconds * 1000) [this.start, this.count] = [now, 0];
    this.count++;
    if (this.count > requests) {
      this.blockedUntil = now + seconds * 1000;
      [this.start, this.count] = [this.blockedUntil, 0];
      throw this.refuse(now);
    }
    return this.headers(requests - this.count, this.start + seconds * 1000 - now);
  }

  private refuse(now: number): Refusal {
    const { requests, seconds } = this.limit;
    const wait = this.blockedUntil - now;
    const message = `More than ${requests} requests per ${seconds} seconds reached. Please wait and consider throttling your request speed`;
    const headers = { ...this.headers(0, wait), "Retry-After": String(Math.ceil(wait / 1000)) };
    return new Refusal(429, { code: 10100, message }, headers);
  }

  private headers(remaining: number, milliseconds: number): Record<string, string> {
    return {
      Ratelimit: `"default";r=${remaining};t=${Math.ceil(milliseconds / 1000)}`,
      "Ratelimit-Policy": `"default";q=${this.limit.requests};w=${this.limit.seconds}`,
    };
  }
}
