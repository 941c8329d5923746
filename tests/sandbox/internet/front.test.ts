import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { front } from "../../../sandbox/internet/front";

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** What comes back until the other side ends, or `refused`. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    socket.on("error", () => (received = "refused"));
    socket.on("close", () => resolve(received));
  });
}

test("both directions are passed on to their ends, and the front's end is all that clients notice", async () => {
  const behind = createServer({ allowHalfOpen: true }, (socket) => {
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    // Answers only after the client has said all.
    socket.on("end", () => socket.end(`got ${received}`));
  });
  const to = await listen(behind);
  const server = front(to);
  const port = await listen(server);
  expect(await send(port, "hello")).toBe("got hello");
  server.close();
  expect(await send(port, "hello")).toBe("refused");
  expect(await send(to, "hello")).toBe("got hello");
});

test("a service that is away ends the connection", async () => {
  const closed = createServer();
  const to = await listen(closed);
  closed.close();
  expect(await send(await listen(front(to)), "hello")).toBe("");
});
