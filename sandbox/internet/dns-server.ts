import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { decode, encode, type Packet } from "dns-packet";
import { ZoneFile } from "./cloudflare/zone-file";
import { answerQuery, datagramLimit, truncated } from "./dns-answers";

/** A name server at one address, over UDP and TCP. */
export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A client that asks nothing more over TCP is not kept for longer. */
const IDLE_MS = 10_000;

/**
 * Serves the zone of a file over DNS, on one port for both protocols. Each query sees the file as it is then.
 *
 * @param port 0 takes a free one.
 */
export async function serveZone(file: ZoneFile, address: string, port: number): Promise<DnsServer> {
  const connections = new Set<Socket>();
  const stream = createServer((socket) => {
    connections.add(socket.on("close", () => connections.delete(socket)));
    serveConnection(socket, file);
  });
  await listen(stream, address, port);
  const actual = (stream.address() as AddressInfo).port;
  const datagrams = createSocket({ type: isIPv6(address) ? "udp6" : "udp4" });
  datagrams.on("message", (message, client) => {
    const query = read(message);
    if (query === undefined) return;
    const answer = reply(query, file);
    const bytes = encode(answer);
    const fitting = bytes.length <= datagramLimit(query) ? bytes : encode(truncated(answer));
    datagrams.send(fitting, client.port, client.address);
  });
  await bind(datagrams, address, actual);
  return {
    port: actual,
    close: async () => {
      connections.forEach((socket) => socket.destroy());
      await Promise.all([
        new Promise((resolve) => stream.close(resolve)),
        new Promise<void>((resolve) => datagrams.close(resolve)),
      ]);
    },
  };
}

/** Messages over TCP have their length in two bytes before them, and there may be several. */
function serveConnection(socket: Socket, file: ZoneFile): void {
  let received = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  // A client that goes away in the middle is its own business.
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
      const end = 2 + received.readUInt16BE();
      const query = read(received.subarray(2, end));
      received = received.subarray(end);
      if (query === undefined) return void socket.destroy();
      const bytes = encode(reply(query, file));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    }
  });
}

/** Undefined for what is no query. */
function read(message: Buffer): Packet | undefined {
  try {
    const packet = decode(message);
    return packet.type === "query" ? packet : undefined;
  } catch {
    return undefined;
  }
}

function reply(query: Packet, file: ZoneFile): Packet {
  const answer = answerQuery(query, file.read());
  const [question] = query.questions ?? [];
  process.stdout.write(`${question?.type} ${question?.name} rcode ${(answer.flags ?? 0) & 0xf}\n`);
  return answer;
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen({ host: address, port, ipv6Only: true }, () => resolve());
  });
}

function bind(socket: DatagramSocket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject).bind(port, address, () => resolve());
  });
}

async function main(): Promise<void> {
  const text = { type: "string", default: "" } as const;
  const options = {
    zone: text,
    port: text,
    address: { type: "string", multiple: true, default: [] as string[] },
  } as const;
  const { zone, port, address } = parseArgs({ options }).values;
  const file = new ZoneFile(zone);
  await Promise.all(address.map((one) => serveZone(file, one, Number(port))));
}

if (require.main === module) void main();
