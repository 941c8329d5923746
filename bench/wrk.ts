import { inClient } from "../sandbox/lan/client";
import { run } from "../sandbox/process";

/** What a load of as many requests as are answered came to. */
export interface Load {
  readonly requestsPerSecond: number;
  /** 99th percentile of the answers' times, in milliseconds. */
  readonly p99Milliseconds: number;
}

/** How many connections ask at a time, each its next question once the last is answered. */
const CONNECTIONS = 16;
const SECONDS = 15;

/**
 * Asks a URL over kept connections, from the LAN's client, with wrk. https://github.com/wg/wrk
 *
 * @param nameServer the only one that the client knows
 * @throws Error if one request was not answered as it should be
 */
export async function load(url: string, nameServer: string): Promise<Load> {
  const args = ["--threads", "1", "--connections", String(CONNECTIONS), "--duration", `${SECONDS}s`, "--latency", url];
  const { command, args: wrapped } = inClient("wrk", args, nameServer);
  return parseWrk(await run(command, wrapped));
}

/** Reads wrk's report. @throws Error if it has no figures, or tells of errors */
export function parseWrk(report: string): Load {
  const errors = /^\s*(Socket errors|Non-2xx or 3xx responses):.*$/m.exec(report)?.[0];
  if (errors !== undefined) throw new Error(`not all requests were answered: ${errors.trim()}`);
  const rate = /^Requests\/sec:\s+([\d.]+)$/m.exec(report)?.[1];
  const [, value, unit = ""] = /^\s+99%\s+([\d.]+)(us|ms|s)$/m.exec(report) ?? [];
  if (rate === undefined || value === undefined) throw new Error(`wrk has no figures:\n${report}`);
  const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };
  return { requestsPerSecond: Number(rate), p99Milliseconds: Number(value) * (milliseconds[unit] ?? NaN) };
}
