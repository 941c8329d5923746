import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as dns from "dns-packet";
import {
  newIdentifier,
  ZoneFile,
  type RecordType,
  type ZoneRecord,
} from "../../../sandbox/internet/cloudflare/zone-file";
import { serveZone, type DnsServer } from "../../../sandbox/internet/dns-server";

let directory: string;
let file: ZoneFile;
let server: DnsServer;

beforeEach(async () => {
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  directory = mkdtempSync(join(tmpdir(), "homelab-zone-"));
  file = new ZoneFile(join(directory, "zone.json"));
  file.ensure("home.test");
  server = await serveZone(file, "127.0.0.1", 0);
});

afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
  jest.restoreAllMocks();
});

function record(type: RecordType, name: string, content: string, more: Partial<ZoneRecord> = {}): ZoneRecord {
  const time = new Date(0).toISOString();
  const common = { id: newIdentifier(), ttl: 60, proxied: false, comment: null, created_on: time, modified_on: time };
  return { ...common, type, name, content, ...more };
}

/** A query over UDP. */
function ask(type: dns.RecordType, name: string, more: Partial<dns.Packet> = {}): Promise<dns.DecodedPacket> {
  const query = dns.encode({ type: "query", id: 7, questions: [{ type, name }], ...more });
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.on("error", reject).on("message", (message) => {
      socket.close();
      resolve(dns.decode(message));
    });
    socket.send(query, server.port, "127.0.0.1");
  });
}

/** Queries over one TCP connection, sent in one go and in pieces of one byte. */
function askByTcp(...questions: dns.Question[]): Promise<dns.DecodedPacket[]> {
  return new Promise((resolve, reject) => {
    const answers: dns.DecodedPacket[] = [];
    let received = Buffer.alloc(0);
    const socket = connect(server.port, "127.0.0.1", () => {
      const bytes = Buffer.concat(questions.map((one) => dns.streamEncode({ type: "query", questions: [one] })));
      for (const byte of bytes) socket.write(Buffer.of(byte));
    });
    socket.on("error", reject).on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const end = 2 + received.readUInt16BE();
        answers.push(dns.decode(received.subarray(2, end)));
        received = received.subarray(end);
      }
      if (answers.length < questions.length) return;
      socket.destroy();
      resolve(answers);
    });
  });
}

function rcode(packet: dns.Packet): number {
  return (packet.flags ?? 0) & 0xf;
}

function data(packet: dns.DecodedPacket): unknown[] {
  return (packet.answers ?? []).map((answer) => ("data" in answer ? answer.data : undefined));
}

/** Names of what stands in for an answer: the zone's SOA record. */
function authority(packet: dns.DecodedPacket): unknown[] {
  return (packet.authorities ?? []).map(({ type, name }) => `${type} ${name}`);
}

test("a record is answered with authority, whatever case it is asked in", async () => {
  file.change([record("A", "www.home.test", "203.0.113.7"), record("A", "www.home.test", "203.0.113.8")]);
  const answer = await ask("A", "wWw.Home.test", { flags: dns.RECURSION_DESIRED });
  expect([rcode(answer), answer.id, answer.flag_aa, answer.flag_rd, answer.flag_ra]).toEqual([0, 7, true, true, false]);
  expect(answer.answers).toMatchObject([
    { name: "wWw.Home.test", ttl: 60, data: "203.0.113.7" },
    { name: "wWw.Home.test", ttl: 60, data: "203.0.113.8" },
  ]);
});

test("SOA and NS are at the zone's own name; the serial number counts changes", async () => {
  const before = data(await ask("SOA", "home.test"))[0] as dns.SoaData;
  expect(before).toMatchObject({ mname: "ns1.sandbox.test", minimum: 30 });
  expect(data(await ask("NS", "home.test"))).toEqual(["ns1.sandbox.test", "ns2.sandbox.test"]);
  file.change([record("A", "home.test", "203.0.113.7")]);
  expect((data(await ask("SOA", "home.test"))[0] as dns.SoaData).serial).toBe((before.serial ?? 0) + 1);
});

test("no such name and no such record are told apart, each with the zone's SOA", async () => {
  file.change([record("A", "a.b.home.test", "203.0.113.7")]);
  const cases = [
    ["TXT", "nothing.home.test", 3],
    ["SOA", "_acme-challenge.whoami.home.test", 3],
    ["TXT", "a.b.home.test", 0],
    ["TXT", "home.test", 0],
    // Nothing is at b, but something is below it.
    ["A", "b.home.test", 0],
  ] as const;
  for (const [type, name, code] of cases) {
    const answer = await ask(type, name);
    expect([name, rcode(answer), answer.flag_aa, data(answer)]).toEqual([name, code, true, []]);
    expect(authority(answer)).toEqual(["SOA home.test"]);
  }
});

test("a wildcard stands for names that do not exist, and not for those below a name that does", async () => {
  file.change([
    record("A", "*.home.test", "203.0.113.1"),
    record("A", "*.apps.home.test", "203.0.113.2"),
    record("TXT", "own.home.test", "own"),
  ]);
  expect(data(await ask("A", "x.home.test"))).toEqual(["203.0.113.1"]);
  expect(data(await ask("A", "x.y.home.test"))).toEqual(["203.0.113.1"]);
  expect(data(await ask("A", "x.y.apps.home.test"))).toEqual(["203.0.113.2"]);
  expect((await ask("A", "x.home.test")).answers?.[0]?.name).toBe("x.home.test");
  expect(rcode(await ask("AAAA", "x.home.test"))).toBe(0);
  // The name exists, with another type: no wildcard.
  expect([rcode(await ask("A", "own.home.test")), data(await ask("A", "own.home.test"))]).toEqual([0, []]);
  expect(rcode(await ask("A", "x.own.home.test"))).toBe(3);
});

test("an alias is followed inside the zone, and named outside of it", async () => {
  file.change([
    record("CNAME", "www.home.test", "home.test"),
    record("CNAME", "away.home.test", "elsewhere.test"),
    record("CNAME", "loop.home.test", "loop.home.test"),
    record("A", "home.test", "203.0.113.7"),
  ]);
  expect(data(await ask("A", "www.home.test"))).toEqual(["home.test", "203.0.113.7"]);
  expect(data(await ask("A", "away.home.test"))).toEqual(["elsewhere.test"]);
  expect(data(await ask("CNAME", "www.home.test"))).toEqual(["home.test"]);
  expect(rcode(await ask("A", "loop.home.test"))).toBe(0);
});

test("other zones are refused, and other operations", async () => {
  expect(rcode(await ask("A", "example.com"))).toBe(5);
  expect(rcode(await ask("A", "nothome.test"))).toBe(5);
  expect(rcode(await ask("A", "home.test", { flags: 4 << 11 }))).toBe(4);
  expect(rcode(await ask("A", "home.test", { questions: [] }))).toBe(1);
});

test("texts come in strings of 255 bytes, or as they are quoted", async () => {
  file.change([
    record("TXT", "long.home.test", "x".repeat(300)),
    record("TXT", "quoted.home.test", '"one \\"1\\"" "two"'),
    record("TXT", "plain.home.test", "a value"),
  ]);
  const texts = async (name: string) => (data(await ask("TXT", name))[0] as Buffer[]).map(String);
  expect(await texts("long.home.test")).toEqual(["x".repeat(255), "x".repeat(45)]);
  expect(await texts("quoted.home.test")).toEqual(['one "1"', "two"]);
  expect(await texts("plain.home.test")).toEqual(["a value"]);
});

test("an automatic TTL is 300 seconds, a proxied name leads to Cloudflare", async () => {
  file.change([
    record("A", "auto.home.test", "203.0.113.7", { ttl: 1 }),
    record("A", "proxied.home.test", "203.0.113.7", { ttl: 1, proxied: true }),
  ]);
  expect((await ask("A", "auto.home.test")).answers?.[0]).toMatchObject({ ttl: 300, data: "203.0.113.7" });
  expect(data(await ask("A", "proxied.home.test"))).toEqual(["104.16.0.1"]);
});

test("what is too long for a datagram is cut, unless the client takes more; TCP gives it whole", async () => {
  file.change(Array.from({ length: 30 }, (_, index) => record("A", "many.home.test", `203.0.113.${index}`)));
  const cut = await ask("A", "many.home.test");
  expect([cut.flag_tc, data(cut)]).toEqual([true, []]);
  const opt = { type: "OPT", name: ".", udpPayloadSize: 1232, flags: 0 } as dns.OptAnswer;
  const whole = await ask("A", "many.home.test", { additionals: [opt] });
  expect([whole.flag_tc, data(whole).length]).toEqual([false, 30]);
  expect(whole.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232 }]);
  expect(cut.additionals).toEqual([]);
  const questions = ["many.home.test", "none.home.test"].map((name): dns.Question => ({ type: "A", name }));
  const [first, second] = await askByTcp(...questions);
  expect(data(first as dns.DecodedPacket)).toHaveLength(30);
  expect(rcode(second as dns.DecodedPacket)).toBe(3);
});

test("a type that the library has no name for is answered, too", async () => {
  file.change([record("A", "www.home.test", "203.0.113.7")]);
  // HTTPS, which browsers ask for beside A and AAAA.
  const answer = await ask("UNKNOWN_65" as dns.RecordType, "www.home.test");
  expect([rcode(answer), data(answer), authority(answer)]).toEqual([0, [], ["SOA home.test"]]);
  expect(answer.questions).toMatchObject([{ type: "UNKNOWN_65", name: "www.home.test" }]);
});

test("what is no query gets no answer and does no harm", async () => {
  const socket = createSocket("udp4");
  socket.send(Buffer.from("nonsense"), server.port, "127.0.0.1");
  socket.send(
    dns.encode({ type: "response", questions: [{ type: "A", name: "home.test" }] }),
    server.port,
    "127.0.0.1",
  );
  expect(rcode(await ask("SOA", "home.test"))).toBe(0);
  socket.close();
});
