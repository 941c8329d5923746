/**
 * Answers in the form of Cloudflare's API v4: https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/
 *
 * The error codes are not documented there. Those below were taken from answers of the real API that people have put into
 * public bug reports up to 2026; one that nobody has shown is marked as a guess where it is used.
 */

/** One error of an answer. */
export interface ErrorItem {
  readonly code: number;
  readonly message: string;
  readonly error_chain?: readonly ErrorItem[];
}

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly item: ErrorItem,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(item.message);
    this.name = "Refusal";
  }

  /** The refusal as an answer. */
  answer(): Answer {
    return {
      status: this.status,
      body: { result: null, success: false, errors: [this.item], messages: [] },
      headers: this.headers,
    };
  }
}

/** Refuses with one code and message. */
export function refusal(status: number, code: number, message: string): Refusal {
  return new Refusal(status, { code, message });
}

/** A result, with what else the answer says beside it. */
export function success(result: unknown, more: object = {}): Answer {
  return { status: 200, body: { result, success: true, errors: [], messages: [], ...more } };
}

/**
 * One page of a list with its `result_info`.
 *
 * A page size over the maximum is cut to it; the real API refuses it with a code that it does not document.
 */
export function page(
  items: readonly unknown[],
  query: URLSearchParams,
  size: { default: number; max: number },
): Answer {
  const number = positive(query.get("page"), 1);
  const perPage = Math.min(positive(query.get("per_page"), size.default), size.max);
  const result = items.slice((number - 1) * perPage, number * perPage);
  const info = {
    page: number,
    per_page: perPage,
    count: result.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / perPage),
  };
  return success(result, { result_info: info });
}

function positive(text: string | null, otherwise: number): number {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : otherwise;
}
