import { connect, createServer, type Server, type Socket } from "node:net";
import { parseArgs } from "node:util";

/**
 * Passes connections on to a port of this machine's loopback, byte for byte: TLS and host names are the service's own.
 * Whoever ends the front makes the service unreachable, and its memory stays as it is.
 */
export function front(to: number): Server {
  return createServer({ allowHalfOpen: true }, (client) => {
    const service = connect({ host: "127.0.0.1", port: to, allowHalfOpen: true });
    join(client, service);
    join(service, client);
  });
}

/** What one sends, the other gets; when one breaks, so does the other. */
function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroy());
}

function main(): void {
  const text = { type: "string", default: "" } as const;
  const options = { port: text, to: text, address: { type: "string", multiple: true } } as const;
  const { port, to, address } = parseArgs({ options }).values;
  for (const host of address ?? []) front(Number(to)).listen({ host, port: Number(port), ipv6Only: true });
}

if (require.main === module) main();
