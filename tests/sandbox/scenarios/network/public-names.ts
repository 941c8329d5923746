/** The domain's public records follow the home's public address, and only those that are the home's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { certificateFiles } from "../../../../sandbox/internet/certificates";
import { apiToken } from "../../../../sandbox/internet/files";
import { statePaths } from "../../../../sandbox/paths";
import { until } from "../../lab";
import { dig, planned } from "../../questions-network";
import { updaterSays } from "../../updater";
import { lab } from "../shared";
import { DOMAIN, FOLLOW_LIMIT_SECONDS, PUBLIC_DNS, WHOAMI, configure, configured, published } from "./shared";

const NAMES = ["homelab:publicDns", "names"] as const;
/** Addresses for documentation: RFC 5737 and RFC 3849. */
const HOME = { ipv4: "203.0.113.20", ipv6: "2001:db8:20:1::5" };
/** The home's prefix, with the last half of the ingress address: what reaches the ingress from the Internet. */
const INGRESS_IN_PUBLIC = "2001:db8:20:1::200";
const FOREIGN = { name: `foreign.${DOMAIN}`, address: "198.51.100.77" };

/** A call of Cloudflare's API as the zone's owner would make it, the token on standard input. */
async function cloudflare<T>(path: string, body?: object): Promise<T> {
  const { ca } = certificateFiles(statePaths().internet);
  const data = body === undefined ? [] : ["--header", "Content-Type: application/json", "--data", JSON.stringify(body)];
  const url = `https://api.cloudflare.com/client/v4${path}`;
  const curl = ["curl", "--silent", "--show-error", "--max-time", "10", "--cacert", ca, ...data, "--config", "-", url];
  const text = await lab.feed(`header = "Authorization: Bearer ${apiToken()}"\n`, ...curl);
  const answer = JSON.parse(text) as { success: boolean; result: T };
  assert.ok(answer.success, text);
  return answer.result;
}

test("the public records follow a new public address within a minute", async () => {
  await until("records of the first address", 90, async () => (await published(WHOAMI, "A")).length === 1);
  assert.notDeepEqual(await published(WHOAMI, "A"), [HOME.ipv4]);
  await lab.expect(["public-address", HOME.ipv4, HOME.ipv6]);
  const questions = [DOMAIN, WHOAMI].flatMap((name) => [[name, "A"] as const, [name, "AAAA"] as const]);
  const right = [HOME.ipv4, INGRESS_IN_PUBLIC, HOME.ipv4, INGRESS_IN_PUBLIC];
  const seconds = await until("records of the new address", FOLLOW_LIMIT_SECONDS, async () => {
    const found = await dig(lab, PUBLIC_DNS.address, questions, "-p", PUBLIC_DNS.port);
    return found.map(({ data }) => data.join(" ")).join() === right.join();
  });
  console.error(`public records followed a changed address after ${seconds.toFixed(0)} s (polled)`);
  assert.deepEqual(await published(`never-heard-of.${DOMAIN}`, "A"), [], "no name that the config does not list");
});

test("sources that disagree, or of which one is silent, change nothing, and it is said what each said", async () => {
  await lab.expect(["public-address", "--source", "ipv4-b", "203.0.113.98"]);
  const disagreement = await updaterSays(lab, /ERROR IPv4: nothing changes: .*203\.0\.113\.98/);
  assert.match(disagreement, /ERROR IPv4: nothing changes: .*203\.0\.113\.20/);
  assert.deepEqual(await published(WHOAMI, "A"), [HOME.ipv4]);
  assert.deepEqual(await published(WHOAMI, "AAAA"), [INGRESS_IN_PUBLIC]);

  await lab.expect(["public-address", "--source", "ipv4-b", "down"]);
  await lab.expect(["public-address", "--source", "ipv4-a", "203.0.113.99"]);
  const silence = await updaterSays(lab, /ERROR IPv4: nothing changes: .*203\.0\.113\.99/);
  assert.match(silence, /ERROR IPv4: nothing changes: .*HTTP status 503/);
  assert.deepEqual(await published(WHOAMI, "A"), [HOME.ipv4]);
  await lab.expect(["public-address", HOME.ipv4]);
});

test("a name that left the config loses its record; a record of someone else's is never touched", async () => {
  const [zone] = await cloudflare<{ id: string }[]>(`/zones?name=${DOMAIN}`);
  assert.ok(zone !== undefined);
  const record = { type: "A", name: FOREIGN.name, content: FOREIGN.address, ttl: 60, comment: "made by hand" };
  await cloudflare(`/zones/${zone.id}/dns_records`, record);
  const before = configured(...NAMES);
  configure(NAMES, ["@", "foreign"]);
  assert.deepEqual(await planned(lab), ["update kubernetes:core/v1:ConfigMap public-dns"]);
  await lab.up();
  await updaterSays(lab, /ERROR A foreign\.home\.test: there is a record A 198\.51\.100\.77 that is not ours/);
  await updaterSays(lab, /^A whoami\.home\.test: delete /m);
  assert.deepEqual(await published(FOREIGN.name, "A"), [FOREIGN.address]);
  await until("the end of the record", 30, async () => (await published(WHOAMI, "A")).length === 0);
  assert.deepEqual(await published(DOMAIN, "A"), [HOME.ipv4], "the other names go on being kept");

  configure(NAMES, before);
  await lab.up();
  await until("the record again", FOLLOW_LIMIT_SECONDS, async () => (await published(WHOAMI, "A"))[0] === HOME.ipv4);
  assert.deepEqual(await published(FOREIGN.name, "A"), [FOREIGN.address]);
  const all = await cloudflare<{ name: string; comment: string | null }[]>(`/zones/${zone.id}/dns_records?type=A`);
  const comments = Object.fromEntries(all.map(({ name, comment }) => [name, comment]));
  assert.match(comments[WHOAMI] ?? "", /homelab\/sandbox/);
  assert.equal(comments[FOREIGN.name], record.comment);
});
