/** Keeps records at Cloudflare at the home's public address, and prints a line for each decision. */
import { setTimeout as sleep } from "node:timers/promises";
import { Cloudflare, CloudflareError } from "./cloudflare.mjs";
import { plan } from "./plan.mjs";
import { observe } from "./sources.mjs";

/**
 * The configuration, which components/dns/public-dns.ts writes.
 *
 * @typedef {object} Config
 * @property {string} domain
 * @property {readonly string[]} names names below the domain; `@` is the domain itself
 * @property {string} comment marks the records that are ours
 * @property {{ readonly ipv4: readonly string[], readonly ipv6: readonly string[] }} sources
 * @property {string} [ingressIpv6] its last 64 bits are those of the published IPv6 address; absent: none is published
 * @property {number} looks how often to look in one run
 * @property {number} secondsBetweenLooks
 */

/** @typedef {{ config: Config, token: string, base: string, fetch: import("./http.mjs").Fetch, log: (line: string) => void }} Job */

/** Limit of a run in milliseconds: below that of its Job, so that it is the run that says what was too slow. */
const RUN_LIMIT = 38_000;

/** What a look takes if sources and Cloudflare are slow, but answer, in milliseconds. */
const LOOK_TIME = 10_000;

/**
 * Looks once and changes what has to be changed.
 *
 * @param {Job} job
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether all is well
 */
export async function look({ config, token, base, fetch, log }, signal) {
  const { sources, ingressIpv6, comment, domain } = config;
  const [A, AAAA] = await Promise.all([
    observe("ipv4", sources.ipv4, undefined, { fetch, signal }),
    observe("ipv6", sources.ipv6, ingressIpv6, { fetch, signal }),
  ]);
  let well = say(log, "IPv4", A);
  well = say(log, "IPv6", AAAA) && well;
  try {
    const cloudflare = new Cloudflare({ base, token, fetch, signal });
    const zone = await cloudflare.zoneOf(domain);
    const names = config.names.map((name) => (name === "@" ? domain : `${name}.${domain}`));
    const records = await cloudflare.records(zone);
    for (const decision of plan({ domain, names, observed: { A, AAAA }, comment, records })) {
      well = (await carryOut(decision, (todo) => cloudflare.apply(zone, todo, comment), log)) && well;
    }
    return well;
  } catch (error) {
    if (!(error instanceof CloudflareError)) throw error;
    log(`ERROR ${error.message}`);
    return false;
  }
}

/**
 * @param {(line: string) => void} log
 * @param {string} family
 * @param {import("./sources.mjs").Observation} observation
 * @returns {boolean} whether it is known what to publish
 */
function say(log, family, observation) {
  if (observation.state === "address") log(`${family}: ${observation.address}`);
  if (observation.state === "none") log(`${family}: nothing is to be published`);
  if (observation.state === "unknown") log(`ERROR ${family}: nothing changes: ${observation.reason}`);
  return observation.state !== "unknown";
}

/**
 * @param {import("./plan.mjs").Decision} decision
 * @param {(decision: Exclude<import("./plan.mjs").Decision, { action: "conflict" }>) => Promise<void>} apply
 * @param {(line: string) => void} log
 * @returns {Promise<boolean>} whether the record is as it should be
 */
async function carryOut(decision, apply, log) {
  const record = `${decision.type} ${decision.name}`;
  if (decision.action === "conflict") {
    const { type, content } = decision.record;
    log(
      `ERROR ${record}: there is a record ${type} ${content} that is not ours; ` +
        "delete it at Cloudflare, or take the name out of homelab:publicDns",
    );
    return false;
  }
  const { action, content } = decision;
  const from = action === "update" && decision.record.content !== content ? `${decision.record.content} to ` : "";
  try {
    await apply(decision);
    log(`${record}: ${action} ${from}${content}`);
    return true;
  } catch (error) {
    if (!(error instanceof CloudflareError)) throw error;
    log(`ERROR ${record}: ${action} ${from}${content} failed: ${error.message}`);
    return false;
  }
}

/**
 * Looks as often as the configuration says: a Job a minute, with a second look in between, follows a change sooner than
 * a minute after it happened, the start of the Job included. A look that could not end in time is left to the next Job.
 *
 * @param {Job} job
 * @returns {Promise<number>} exit code, by the last look
 */
export async function run(job) {
  const signal = AbortSignal.timeout(RUN_LIMIT);
  const latest = performance.now() + RUN_LIMIT - LOOK_TIME;
  const pause = 1000 * job.config.secondsBetweenLooks;
  let well = await look(job, signal);
  for (let count = 1; count < job.config.looks; count += 1) {
    if (performance.now() + pause > latest) break;
    await sleep(pause);
    well = await look(job, signal);
  }
  return well ? 0 : 1;
}
