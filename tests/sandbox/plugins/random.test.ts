import { compare } from "bcryptjs";
import { randomPlugin } from "../../../sandbox/plugins/random";
import { isSecret, Properties, reveal, UNKNOWN } from "../../../sandbox/plugins/properties";
import { operation } from "./support";

function handler(name: string) {
  const token = Object.keys(randomPlugin.resources).find((candidate) => candidate.endsWith(`:${name}`));
  const found = randomPlugin.resources[token ?? ""];
  if (!found) {
    throw new Error(`no ${name}`);
  }
  return found;
}

const create = (name: string, inputs: Properties, preview = false) =>
  handler(name).create(inputs, operation({ preview }));
const failures = async (name: string, inputs: Properties) => (await handler(name).check(inputs, operation())).failures;

describe("RandomPassword", () => {
  test("keeps to the minimum counts, is secret, and its hash fits", async () => {
    const counts = { minUpper: 3, minLower: 3, minNumeric: 3, minSpecial: 3 };
    const { id, properties } = await create("RandomPassword", { length: 12, ...counts, overrideSpecial: "!" });
    expect(id).toBe("none");
    expect(isSecret(properties["result"]) && isSecret(properties["bcryptHash"])).toBe(true);
    const result = reveal(properties["result"]) as string;
    expect([...result].sort().join("")).toMatch(/^!{3}\d{3}[A-Z]{3}[a-z]{3}$/);
    expect(await compare(result, reveal(properties["bcryptHash"]) as string)).toBe(true);
    expect(properties).toMatchObject({ __meta: '{"schema_version":"3"}', special: true, numeric: true, number: true });
  });

  test("a preview knows the defaults, not the result", async () => {
    const { properties } = await create("RandomPassword", { length: 8 }, true);
    expect(reveal(properties["result"])).toBe(UNKNOWN);
    expect(properties).toMatchObject({ length: 8, lower: true, id: UNKNOWN });
  });

  test("rules", async () => {
    expect(await failures("RandomPassword", {})).toMatchObject([{ property: "length" }]);
    expect(await failures("RandomPassword", { length: 0 })).toMatchObject([{ property: "length" }]);
    expect(await failures("RandomPassword", { length: 2, minUpper: 3 })).toMatchObject([{ property: "length" }]);
    expect(await failures("RandomPassword", { length: 2, number: true, numeric: false })).toMatchObject([
      { property: "number" },
    ]);
    expect(await failures("RandomPassword", { length: 2, size: 1 })).toMatchObject([{ property: "size" }]);
    expect(await failures("RandomPassword", { length: UNKNOWN, minUpper: 3 })).toEqual([]);
  });
});

test("every change replaces; unchanged inputs do not", async () => {
  const news = { length: 16, keepers: { v: "1" } };
  const { properties: state } = await create("RandomString", news);
  const diff = (changed: Properties) => handler("RandomString").diff({ state, oldInputs: news, news: changed });
  expect(diff(news)).toEqual({});
  expect(diff({ ...news, special: true })).toEqual({});
  expect(diff({ ...news, keepers: { v: "2" } })).toEqual({ "keepers.v": { kind: "update", replace: true } });
  expect(diff({ ...news, special: false })).toEqual({ special: { kind: "update", replace: true } });
});

test("RandomString", async () => {
  const { id, properties } = await create("RandomString", { length: 9, upper: false, lower: false, special: false });
  expect(properties["result"]).toMatch(/^\d{9}$/);
  expect(id).toBe(properties["result"]);
});

test("RandomId", async () => {
  const { id, properties } = await create("RandomId", { byteLength: 8, prefix: "p-" });
  const bytes = Buffer.from(id, "base64url");
  expect(bytes).toHaveLength(8);
  expect(properties).toMatchObject({
    b64Url: `p-${id}`,
    b64Std: `p-${bytes.toString("base64")}`,
    hex: `p-${bytes.toString("hex")}`,
    dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
  });
});

test("RandomBytes", async () => {
  const { id, properties } = await create("RandomBytes", { length: 16 });
  expect(reveal(properties["base64"])).toBe(id);
  expect(reveal(properties["hex"])).toBe(Buffer.from(id, "base64").toString("hex"));
  expect(isSecret(properties["base64"]) && isSecret(properties["hex"])).toBe(true);
  expect(properties).not.toHaveProperty("id");
});

test("RandomUuid, RandomPet, RandomInteger", async () => {
  expect((await create("RandomUuid", {})).id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect((await create("RandomPet", { length: 3, prefix: "p", separator: "_" })).id).toMatch(/^p(_[a-z]+){3}$/);
  const { properties } = await create("RandomInteger", { min: 3, max: 3 });
  expect(properties["result"]).toBe(3);
  const seeded = () => create("RandomInteger", { min: 1, max: 1_000_000, seed: "s" });
  expect((await seeded()).id).toBe((await seeded()).id);
  await expect(Promise.resolve().then(() => create("RandomInteger", { min: 2, max: 1 }))).rejects.toThrow(
    "needs to be smaller",
  );
});
