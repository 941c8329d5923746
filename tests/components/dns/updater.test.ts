import * as fc from "fast-check";
import { load } from "./modules";

type Family = "ipv4" | "ipv6";
type Observation = { state: "address"; address: string } | { state: "none" } | { state: "unknown"; reason: string };

const addresses = load<{
  publicAddress: (text: string, family: Family) => string | undefined;
  inSamePrefix: (observed: string, own: string) => string;
}>("addresses.mjs");

describe("publicAddress", () => {
  test.each([
    ["203.0.113.7", "ipv4", "203.0.113.7"],
    ["2001:DB8:0:1::0:7", "ipv6", "2001:db8:0:1::7"],
    ["2001:db8::7", "ipv4", undefined],
    ["203.0.113.7", "ipv6", undefined],
    ["<html>", "ipv4", undefined],
    ["", "ipv6", undefined],
    ["203.0.113.7.", "ipv4", undefined],
    ["2001:db8::7%eth0", "ipv6", undefined],
  ] as const)("%s as %s is %s", (text, family, expected) => {
    expect(addresses.publicAddress(text, family)).toBe(expected);
  });

  test.each([
    "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.1.1 172.31.0.1 192.168.1.1 224.0.0.1 255.255.255.255",
    ":: ::1 ::ffff:203.0.113.7 fc00::1 fd00:c0:ffee::200 fe80::1 fec0::1 ff02::1",
  ])("refuses what the internet cannot see: %s", (list) => {
    for (const text of list.split(" ")) {
      expect([text, addresses.publicAddress(text, text.includes(":") ? "ipv6" : "ipv4")]).toEqual([text, undefined]);
    }
  });
});

describe("inSamePrefix", () => {
  test.each([
    ["2001:db8:1:2:aaaa:bbbb:cccc:dddd", "fd00:c0:ffee::200", "2001:db8:1:2::200"],
    ["2001:db8::1", "fd00::1:2:3:4", "2001:db8::1:2:3:4"],
    ["2001:db8:1:2::", "fd00:0:0:9:1::", "2001:db8:1:2:1::"],
  ])("%s with the host of %s is %s", (observed, own, expected) => {
    expect(addresses.inSamePrefix(observed, own)).toBe(expected);
  });

  test("is the first four groups of the one and the last four of the other", () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    const canonical = (all: string[]): string => new URL(`http://[${all.join(":")}]`).hostname.slice(1, -1);
    fc.assert(
      fc.property(groups, groups, (one, other) => {
        const expected = canonical([...one.slice(0, 4), ...other.slice(4)]);
        expect(addresses.inSamePrefix(canonical(one), canonical(other))).toBe(expected);
      }),
    );
  });
});

describe("agreement", () => {
  const { agreement } = load<{ agreement: (answers: object[]) => Observation }>("sources.mjs");
  const said = (...all: (string | undefined)[]): object[] =>
    all.map((address, index) => ({ source: `s${index}`, ...(address ? { address } : { problem: "silent" }) }));

  test.each([
    [["x", "x"], "x"],
    [["x", "x", undefined], "x"],
    [["x", "y", "x"], "x"],
    [["x", "y"], undefined],
    [["x", undefined], undefined],
    [["x", "x", "y", "y"], undefined],
    [["x"], undefined],
    [[undefined, undefined], undefined],
  ])("of %j is %s", (all, expected) => {
    const result = agreement(said(...all));
    expect(result.state === "address" ? result.address : undefined).toBe(expected);
    expect(result.state).toBe(expected === undefined ? "unknown" : "address");
  });

  test("says what each source said when there is none", () => {
    expect(agreement(said("203.0.113.7", "203.0.113.8", undefined))).toEqual({
      state: "unknown",
      reason: "no address that two sources agree on (s0: 203.0.113.7; s1: 203.0.113.8; s2: silent)",
    });
  });
});

describe("observe", () => {
  const { observe } = load<{
    observe: (family: Family, urls: string[], host: string | undefined, context: object) => Promise<Observation>;
  }>("sources.mjs");
  const URLS = ["https://one.example/", "https://two.example/"];
  const context = (...answers: (Response | Error)[]) => ({
    signal: new AbortController().signal,
    fetch: (url: string) => {
      const answer = answers[URLS.indexOf(url)] as Response | Error;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });

  test("takes the public address that both say", async () => {
    const both = context(new Response("203.0.113.7\n"), new Response(" 203.0.113.7"));
    expect(await observe("ipv4", URLS, undefined, both)).toEqual({ state: "address", address: "203.0.113.7" });
  });

  test("IPv6: the prefix must agree, and the ingress' last 64 bits are published", async () => {
    const both = context(new Response("2001:db8:1:2:a::1"), new Response("2001:db8:1:2:b::2"));
    expect(await observe("ipv6", URLS, "fd00::200", both)).toEqual({ state: "address", address: "2001:db8:1:2::200" });
  });

  test.each([
    ["no sources", "ipv4", [], undefined],
    ["no IPv6 address of the ingress", "ipv6", URLS, undefined],
  ] as const)("with %s nothing is to be published, and nobody is asked", async (_, family, urls, own) => {
    const nobody = { fetch: () => Promise.reject(new Error("asked")), signal: new AbortController().signal };
    expect(await observe(family, [...urls], own, nobody)).toEqual({ state: "none" });
  });

  test.each([
    ["an error page", new Response("<html>", { status: 503 }), "HTTP status 503"],
    ["a private address", new Response("192.168.1.1"), '"192.168.1.1" is no public address of this family'],
    ["the other family", new Response("2001:db8::1"), '"2001:db8::1" is no public address of this family'],
    ["a long text", new Response("x".repeat(999)), `"${"x".repeat(60)}" is no public address of this family`],
    ["a time-out", Object.assign(new Error("aborted"), { name: "TimeoutError" }), "no answer in time"],
    [
      "an unknown name",
      new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } }),
      "its name cannot be resolved (ENOTFOUND)",
    ],
    [
      "an unknown CA",
      new TypeError("fetch failed", { cause: { code: "SELF_SIGNED_CERT_IN_CHAIN" } }),
      "its TLS certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN); if the home's network signs it, add its CA to homelab:trustedCAs",
    ],
  ])("%s is no vote, and is told", async (_, answer, words) => {
    const result = await observe("ipv4", URLS, undefined, context(new Response("203.0.113.7"), answer));
    expect(result).toEqual({
      state: "unknown",
      reason: `no address that two sources agree on (one.example: 203.0.113.7; two.example: ${words})`,
    });
  });
});

describe("plan", () => {
  interface Row {
    readonly type: string;
    readonly name: string;
    readonly content: string;
    readonly ttl: number;
    readonly proxied: boolean;
    readonly comment: string | null;
  }
  interface Planned extends Partial<Row> {
    readonly action: string;
    readonly record?: Row;
  }
  const { plan } = load<{ plan: (args: object) => Planned[] }>("plan.mjs");

  const COMMENT = "managed by homelab/home";
  const ours = (type: string, name: string, content: string, more: Partial<Row> = {}): Row => {
    return { type, name, content, ttl: 60, proxied: false, comment: COMMENT, ...more };
  };
  const theirs = (type: string, name: string, content: string, comment: string | null = null): Row =>
    ours(type, name, content, { comment });
  const V4: Observation = { state: "address", address: "203.0.113.7" };
  const NONE: Observation = { state: "none" };
  const UNKNOWN: Observation = { state: "unknown", reason: "" };

  /** `ACTION TYPE NAME CONTENT` of each decision. */
  function planned(records: readonly Row[], A: Observation = V4, AAAA: Observation = NONE): string[] {
    const decisions = plan({
      domain: "home.test",
      names: ["home.test", "whoami.home.test"],
      observed: { A, AAAA },
      comment: COMMENT,
      records,
    });
    return decisions.map(({ action, type, name, content = "" }) => `${action} ${type} ${name} ${content}`.trim());
  }
  const right = [ours("A", "home.test", "203.0.113.7"), ours("A", "whoami.home.test", "203.0.113.7")];
  const KEEP = ["keep A home.test 203.0.113.7", "keep A whoami.home.test 203.0.113.7"];

  test("creates what is missing, in both families", () => {
    expect(planned([], V4, { state: "address", address: "2001:db8::200" })).toEqual([
      "create A home.test 203.0.113.7",
      "create A whoami.home.test 203.0.113.7",
      "create AAAA home.test 2001:db8::200",
      "create AAAA whoami.home.test 2001:db8::200",
    ]);
  });

  test("writes nothing if all is right, whatever else is in the zone", () => {
    const foreign = [
      theirs("A", "mail.home.test", "198.51.100.1"),
      theirs("MX", "home.test", "mail.home.test"),
      theirs("TXT", "home.test", "v=spf1 -all"),
      theirs("AAAA", "home.test", "2001:db8::9"),
      theirs("A", "www.home.test", "198.51.100.1", "managed by homelab/other"),
    ];
    expect(planned([...foreign, ...right])).toEqual(KEEP);
  });

  test.each([
    ["address", { content: "203.0.113.8" }],
    ["time to live", { ttl: 1 }],
    ["proxy", { proxied: true }],
  ])("updates one of ours with another %s", (_, more) => {
    const [first, second] = right as [Row, Row];
    expect(planned([{ ...first, ...more }, second])).toEqual(["update A home.test 203.0.113.7", KEEP[1]]);
  });

  test.each(["A", "CNAME"])("somebody else's %s record is in the way, and stays as it is", (type) => {
    const records = [theirs(type, "home.test", "198.51.100.1"), right[1] as Row];
    expect(planned(records)).toEqual(["conflict A home.test", KEEP[1]]);
  });

  test("one of ours beside somebody else's goes on being right", () => {
    const records = [theirs("A", "home.test", "198.51.100.1"), ours("A", "home.test", "203.0.113.8"), right[1] as Row];
    expect(planned(records)).toEqual(["conflict A home.test", "update A home.test 203.0.113.7", KEEP[1]]);
  });

  test("deletes ours of names that left the config, and surplus ones", () => {
    const records = [...right, ours("A", "home.test", "203.0.113.7"), ours("A", "old.home.test", "203.0.113.7")];
    expect(planned(records)).toEqual([
      KEEP[0],
      "delete A home.test 203.0.113.7",
      KEEP[1],
      "delete A old.home.test 203.0.113.7",
    ]);
  });

  test("another home in the same zone keeps its records, even if its cluster has our name", () => {
    const records = [
      ...right,
      ours("A", "test", "198.51.100.1"),
      ours("A", "cabin.test", "198.51.100.1"),
      ours("A", "myhome.test", "198.51.100.1"),
      ours("AAAA", "whoami.cabin.test", "2001:db8:9::200"),
    ];
    expect(planned(records)).toEqual(KEEP);
    expect(planned(records, NONE)).toEqual(["delete A home.test 203.0.113.7", "delete A whoami.home.test 203.0.113.7"]);
  });

  test("changes no address while it is not known, but still deletes what left the config", () => {
    const records = [ours("A", "home.test", "203.0.113.8"), ours("A", "old.home.test", "203.0.113.8")];
    expect(planned(records, UNKNOWN)).toEqual(["delete A old.home.test 203.0.113.8"]);
  });

  test("deletes all of ours of a family that is not to be published, and none of the others", () => {
    const records = [...right, theirs("AAAA", "home.test", "2001:db8::9"), ours("AAAA", "home.test", "2001:db8::200")];
    expect(planned(records, UNKNOWN, NONE)).toEqual(["delete AAAA home.test 2001:db8::200"]);
  });
});

describe("run", () => {
  const { run } = load<{ run: (job: object) => Promise<number> }>("updater.mjs");
  const rounds = async (looks: number, secondsBetweenLooks: number): Promise<number> => {
    let count = 0;
    const fetch = (): Promise<Response> => {
      count += 1;
      return Promise.resolve(
        new Response(JSON.stringify({ result: [{ id: "zone", type: "TXT", name: "home.test" }] })),
      );
    };
    const config = { domain: "home.test", names: [], comment: "ours", sources: { ipv4: [], ipv6: [] } };
    const job = { config: { ...config, looks, secondsBetweenLooks }, token: "token", base: "https://api.test", fetch };
    expect(await run({ ...job, log: () => undefined })).toBe(0);
    // The zone and its records.
    return count / 2;
  };

  test("looks as often as it is told, but never where the time left is too short for a look", async () => {
    expect(await rounds(3, 0)).toBe(3);
    expect(await rounds(2, 29)).toBe(1);
  });
});
