import { RateLimit } from "../../../sandbox/internet/cloudflare/rate-limit";
import { Internet, refused, TOKEN, ZONE, type Reply } from "./support";

let internet: Internet;
let zone: string;
const base = "/client/v4";

beforeEach(async () => {
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  internet = new Internet();
  zone = await internet.start();
});

afterEach(async () => {
  await internet.remove();
  jest.restoreAllMocks();
});

const records = () => `${base}/zones/${zone}/dns_records`;

function create(body: object): Promise<Reply> {
  return internet.call(records(), { method: "POST", body });
}

const address = { type: "A", name: "www.home.test", content: "203.0.113.7", ttl: 60 };

test("a good token is told so, in the words of the real API", async () => {
  const reply = await internet.call(`${base}/user/tokens/verify`);
  expect(reply.status).toBe(200);
  expect(reply.json).toEqual({
    result: { id: expect.stringMatching(/^[0-9a-f]{32}$/), status: "active" },
    success: true,
    errors: [],
    messages: [{ code: 10000, message: "This API Token is valid and active", type: null }],
  });
});

test.each([
  ["another token", { Authorization: `Bearer ${TOKEN.replace("a", "b")}` }, [401, 1000], [403, 9109], [403, 10000]],
  ["a token of another length", { Authorization: `Bearer ${TOKEN.slice(3)}` }, [400, 6003], [400, 6003], [400, 6003]],
  ["a token without Bearer", { Authorization: TOKEN }, [400, 6003], [400, 6003], [400, 6003]],
  ["a token as global key", { "X-Auth-Email": "a@b.test", "X-Auth-Key": TOKEN }, [400, 1001], [400, 6003], [400, 6003]],
  ["no token", { Accept: "*/*" }, [400, 1001], [400, 9106], [400, 9106]],
])("%s is refused", async (_, headers, verify, zones, list) => {
  expect(refused(await internet.call(`${base}/user/tokens/verify`, { headers }))).toEqual(verify);
  expect(refused(await internet.call(`${base}/zones?name=${ZONE}`, { headers }))).toEqual(zones);
  expect(refused(await internet.call(records(), { headers }))).toEqual(list);
});

test("a malformed header names the header in the error chain", async () => {
  const { json } = await internet.call(`${base}/zones`, { headers: { Authorization: "Bearer short" } });
  expect(json).toEqual({
    result: null,
    success: false,
    errors: [
      {
        code: 6003,
        message: "Invalid request headers",
        error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
      },
    ],
    messages: [],
  });
});

test("the token sees its own zone and no other", async () => {
  const { json } = await internet.call(`${base}/zones?name=HOME.test&status=active&per_page=50`);
  expect(json).toMatchObject({
    result: [{ id: zone, name: ZONE, status: "active", permissions: expect.arrayContaining(["#dns_records:edit"]) }],
    result_info: { page: 1, per_page: 50, count: 1, total_count: 1, total_pages: 1 },
  });
  expect((await internet.call(`${base}/zones/${zone}`)).json).toMatchObject({ result: { name: ZONE } });
  expect((await internet.call(`${base}/zones?name=www.home.test`)).json).toMatchObject({ success: true, result: [] });
  expect((await internet.call(`${base}/zones?status=pending`)).json).toMatchObject({ success: true, result: [] });
  const other = "0".repeat(32);
  expect(refused(await internet.call(`${base}/zones/${other}`))).toEqual([403, 9109]);
  expect(refused(await internet.call(`${base}/zones/${other}/dns_records`))).toEqual([403, 10000]);
  expect(refused(await internet.call(`${base}/zones/${ZONE}/dns_records`))).toEqual([404, 7003]);
  expect(refused(await internet.call(`${base}/zones//dns_records/${zone}`, { method: "DELETE" }))).toEqual([404, 7003]);
  expect(refused(await internet.call(`${base}/zones`, { method: "POST", body: {} }))).toEqual([405, 10405]);
});

test("a record's life: created, read, replaced, changed, deleted", async () => {
  const made = await create({ ...address, name: "WWW", comment: "homelab" });
  const id = (made.json as { result: { id: string } }).result.id;
  const whole = { id, zone_id: zone, ...address, proxied: false, proxiable: true, comment: "homelab", tags: [] };
  expect(made).toMatchObject({ status: 200, json: { success: true, errors: [], result: whole } });
  expect((await internet.call(`${records()}/${id}`)).json).toMatchObject({ result: whole });

  const put = { type: "A", name: "www.home.test", content: "203.0.113.8" };
  const replaced = await internet.call(`${records()}/${id}`, { method: "PUT", body: put });
  expect(replaced.json).toMatchObject({ result: { id, ...put, ttl: 1, comment: null } });

  const changed = await internet.call(`${records()}/${id}`, { method: "PATCH", body: { ttl: 120, comment: "mine" } });
  expect(changed.json).toMatchObject({ result: { id, ...put, ttl: 120, comment: "mine" } });

  const gone = await internet.call(`${records()}/${id}`, { method: "DELETE" });
  expect(gone.json).toMatchObject({ success: true, result: { id } });
  for (const method of ["GET", "DELETE"]) {
    expect(refused(await internet.call(`${records()}/${id}`, { method }))).toEqual([404, 81044]);
  }
});

test.each([
  [{ ...address, content: "2001:db8::1" }, 9005],
  [{ ...address, content: undefined }, 9005],
  [{ ...address, type: "AAAA" }, 9006],
  [{ ...address, type: "CNAME" }, 9007],
  [{ ...address, type: "TXT", content: "" }, 9009],
  [{ ...address, type: "TXT", proxied: true }, 9004],
  [{ ...address, type: "MAGIC" }, 9020],
  [{ ...address, name: "a..b" }, 9000],
  [{ ...address, name: `${"a".repeat(64)}.home.test` }, 9000],
  [{ ...address, name: "a.*.home.test" }, 9000],
  [{ ...address, ttl: 30 }, 9021],
  [{ ...address, ttl: "60" }, 9021],
  [{ ...address, tags: ["owner:us"] }, 9300],
  [{ ...address, comment: "c".repeat(101) }, 9301],
])("%j is refused with %d", async (body, code) => {
  expect(refused(await create(body))).toEqual([400, code]);
  expect((await internet.call(records())).json).toMatchObject({ result: [] });
});

test("a body that is no JSON object is refused", async () => {
  for (const body of ["{", "[]", "null"]) {
    expect(refused(await internet.call(records(), { method: "POST", body }))).toEqual([400, 9207]);
  }
});

test("records that cannot stand beside each other are refused, others are not", async () => {
  const alias = { type: "CNAME", name: "alias", content: "home.test" };
  for (const body of [address, alias, { ...address, content: "203.0.113.8" }, { ...alias, type: "TXT" }]) {
    expect((await create(body)).status).toBe(200);
  }
  expect(refused(await create(address))).toEqual([400, 81058]);
  expect(refused(await create(alias))).toEqual([400, 81058]);
  expect(refused(await create({ ...alias, name: "www" }))).toEqual([400, 81053]);
  expect(refused(await create({ ...address, name: "alias" }))).toEqual([400, 81054]);
  const { result } = (await internet.call(`${records()}?content=203.0.113.8`)).json as { result: { id: string }[] };
  const body = { content: address.content };
  const patched = await internet.call(`${records()}/${result[0]?.id}`, { method: "PATCH", body });
  expect(refused(patched)).toEqual([400, 81058]);
});

test("lists are filtered and come in pages", async () => {
  for (const name of ["b", "a", "c"]) await create({ ...address, name, comment: name === "a" ? null : `of ${name}` });
  await create({ type: "TXT", name: "_acme-challenge.a", content: "Text" });
  const names = async (query: string) => {
    const { json } = await internet.call(`${records()}?${query}`);
    return (json as { result: { name: string }[] }).result.map(({ name }) => name.replace(".home.test", ""));
  };
  expect(await names("type=A")).toEqual(["a", "b", "c"]);
  expect(await names("type=A&direction=desc")).toEqual(["c", "b", "a"]);
  expect(await names("name=a.home.test")).toEqual(["a"]);
  expect(await names("name.exact=B.home.test")).toEqual(["b"]);
  expect(await names("name.contains=acme")).toEqual(["_acme-challenge.a"]);
  expect(await names("content=text")).toEqual(["_acme-challenge.a"]);
  expect(await names("comment.startswith=of")).toEqual(["b", "c"]);
  expect(await names("type=A&comment.absent")).toEqual(["a"]);
  expect(await names("type=TXT&name=b.home.test&match=any")).toEqual(["_acme-challenge.a", "b"]);
  expect(await names("per_page=3&page=2")).toEqual(["c"]);
  const { json } = await internet.call(`${records()}?per_page=3&page=2`);
  const info = { page: 2, per_page: 3, count: 1, total_count: 4, total_pages: 2 };
  expect(json).toMatchObject({ result_info: info });
});

test("records outlive a restart, and the zone keeps its identifier", async () => {
  await create(address);
  expect(await internet.start()).toBe(zone);
  expect((await internet.call(records())).json).toMatchObject({ result: [address] });
});

test("too many requests are refused for as long as the limit's time", async () => {
  let now = 1_000_000;
  await internet.start(new RateLimit({ requests: 3, seconds: 300 }, () => now));
  const answers = [];
  for (let count = 0; count < 3; count++) answers.push(await internet.call(`${base}/zones`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[0]?.headers).toMatchObject({
    ratelimit: '"default";r=2;t=300',
    "ratelimit-policy": '"default";q=3;w=300',
  });
  now += 100_000;
  const refusedOne = await internet.call(`${base}/zones`);
  expect(refused(refusedOne)).toEqual([429, 10100]);
  expect(refusedOne.headers).toMatchObject({ "retry-after": "300", ratelimit: '"default";r=0;t=300' });
  now += 299_000;
  expect((await internet.call(`${base}/zones`)).headers).toMatchObject({ "retry-after": "1" });
  now += 1000;
  expect((await internet.call(`${base}/zones`)).status).toBe(200);
});

test("the server answers under its own host names only", async () => {
  const other = await internet.call(`${base}/zones`, { host: "ipv4-a.sandbox.test" });
  expect(other).toMatchObject({ status: 200, text: "203.0.113.7\n" });
  await expect(internet.call("/", { host: "elsewhere.test" })).rejects.toThrow(/altnames/);
});
