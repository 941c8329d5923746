import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Client } from "ssh2";
import { connect, hostKeyOf, SshError } from "../../operations/ssh";
import { fakeHost, keyPair, type FakeHost } from "./fake-host";

const login = keyPair("ed25519");
let host: FakeHost;

beforeAll(async () => {
  const answers = (command: string) =>
    command === "hang"
      ? { hangs: true }
      : {
          afterSeconds: command === "slow" ? 0.5 : 0,
          stdout: "out\n",
          stderr: "err\n",
          code: command === "fail" ? 3 : 0,
        };
  host = await fakeHost(["rsa", "ecdsa", "ed25519"], answers, login.public);
});
afterAll(() => host.close());

const target = (hostKey: string, port = host.port) => ({ address: "127.0.0.1", port, user: "pi", hostKey });

test.each([
  ["ecdsa", 1],
  ["ed25519", 2],
])("accepts the pinned %s key of a host that has others, too", async (_type, index) => {
  const connection = await connect(target(host.hostKeys[index]!), login.private);
  expect(await connection.run("anything")).toEqual({ stdout: "out\n", stderr: "err\n", code: 0 });
  expect((await connection.run("fail")).code).toBe(3);
  connection.close();
});

test("refuses a host with another key before it sees the login", async () => {
  const before = host.commands.length;
  const other = await fakeHost(["ed25519"]);
  await expect(connect(target(other.hostKeys[0]!), login.private)).rejects.toThrow(
    /^127\.0\.0\.1 port \d+: the host shows the key SHA256:\S+, the stack has SHA256:\S+; .*scan/,
  );
  expect(host.commands).toHaveLength(before);
  await other.close();
});

test("says that the key is not accepted", async () => {
  const stranger = keyPair("ed25519").private;
  await expect(connect(target(host.hostKeys[2]!), stranger)).rejects.toThrow("does not accept the stack's key for pi");
});

test("says that the private key can't be read, without repeating it", async () => {
  const error: unknown = await connect(target(host.hostKeys[2]!), "not a key").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SshError);
  expect((error as Error).message).toContain("can't be read");
  expect((error as Error).message).not.toContain("not a key");
});

test("says that a host hangs up in the middle of the login", async () => {
  const rude = createServer((socket) => socket.end("SSH-2.0-rude\r\n")).listen(0, "127.0.0.1");
  await once(rude, "listening");
  const { port } = rude.address() as AddressInfo;
  await expect(connect(target(host.hostKeys[2]!, port), login.private)).rejects.toThrow(/closed before the login/);
  rude.close();
});

test("says that nothing listens", async () => {
  const gone = await fakeHost(["ed25519"]);
  await gone.close();
  await expect(connect(target(gone.hostKeys[0]!, gone.port), login.private)).rejects.toThrow("nothing listens there");
});

test("ends a command that does not end", async () => {
  const connection = await connect(target(host.hostKeys[2]!), login.private);
  await expect(connection.run("hang", 0.2)).rejects.toThrow("did not end within 0.2 s");
  connection.close();
});

test("a command that is given up takes no other one along", async () => {
  const connection = await connect(target(host.hostKeys[2]!), login.private);
  const slow = connection.run("slow");
  await expect(connection.run("hang", 0.2)).rejects.toThrow("did not end");
  expect(await slow).toMatchObject({ stdout: "out\n", code: 0 });
  expect(await connection.run("anything")).toMatchObject({ stdout: "out\n", code: 0 });
  connection.close();
});

test("a farewell is not waited for from a host that did not answer", async () => {
  const destroy = jest.spyOn(Client.prototype, "destroy");
  const connection = await connect(target(host.hostKeys[2]!), login.private);
  await expect(connection.run("hang", 0.2)).rejects.toThrow("did not end");
  expect(destroy).not.toHaveBeenCalled();
  connection.close();
  expect(destroy).toHaveBeenCalled();
});

test("says that the connection is lost, whether before or during a command", async () => {
  const fading = await fakeHost(["ed25519"], () => ({ hangs: true }), login.public);
  const connection = await connect(target(fading.hostKeys[0]!, fading.port), login.private);
  const during = connection.run("anything");
  await Promise.all([expect(during).rejects.toThrow("the connection was lost"), fading.close()]);
  await expect(connection.run("anything")).rejects.toThrow("the connection was lost");
});

test("asks for a key of one type without logging in", async () => {
  const shown = await hostKeyOf({ address: "127.0.0.1", port: host.port }, "ssh-ed25519");
  expect(`ssh-ed25519 ${shown?.toString("base64")}`).toBe(host.hostKeys[2]);
  expect(await hostKeyOf({ address: "127.0.0.1", port: host.port }, "ecdsa-sha2-nistp521")).toBeUndefined();
});

test("does not take another service for an SSH server", async () => {
  const other = createServer((socket) => socket.resume().end("220 mail\r\n"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  await expect(hostKeyOf({ address: "127.0.0.1", port }, "ssh-ed25519")).rejects.toThrow(SshError);
  await new Promise((resolve) => other.close(resolve));
});
