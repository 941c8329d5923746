import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:net";
import { remoteCommand } from "../../../sandbox/plugins/command/remote";
import { Operation } from "../../../sandbox/plugins/operation";
import { Properties, secret } from "../../../sandbox/plugins/properties";
import { authorizedLine, newKey, privateText, SshServer, startSshServer } from "./sshServer";
import { operation } from "./support";

const hostKey = newKey();
const userKey = newKey();
let server: SshServer;

beforeAll(async () => {
  delete process.env["SSH_AUTH_SOCK"];
  const acceptEnv = ["GREETING"];
  server = await startSshServer({ hostKeys: [privateText(hostKey)], userKey, password: "open", acceptEnv });
});
afterAll(() => server.close());

function connection(overrides: Properties = {}): Properties {
  const port = server.port;
  const base = { host: "127.0.0.1", port, user: "pi", dialErrorLimit: 0, perDialTimeout: 5 };
  return { ...base, privateKey: privateText(userKey), hostKey: authorizedLine(hostKey), ...overrides };
}

async function create(
  inputs: Properties,
  overrides: Properties = {},
  context: Operation = operation(),
): Promise<Properties> {
  const all = { connection: secret(connection(overrides)), ...inputs };
  return (await remoteCommand.create(all, context)).properties;
}

const command = { create: "echo hello" };

describe("running", () => {
  test("stdin, both streams, the last line end cut off, and the inputs mirrored with their secrecy", async () => {
    const context = operation();
    const stdin = secret("from stdin\n\n");
    const made = await create({ create: "cat; echo oops >&2", stdin }, {}, context);
    expect(made).toMatchObject({ stdout: "from stdin\n", stderr: "oops", stdin });
    expect(context.logs.every(({ severity, status }) => severity === "info" && status)).toBe(true);
    expect(context.logs.map(({ message }) => message)).toEqual(expect.arrayContaining(["from stdin", "", "oops"]));
  });

  test.each([
    ["none", []],
    ["stdout", ["out"]],
    ["stderr", ["err"]],
    ["nonsense", []],
  ])("logging %s shows %j", async (logging, shown) => {
    const context = operation();
    await create({ create: "echo out; sleep 0.1; echo err >&2", logging }, {}, context);
    expect(context.logs.map(({ message }) => message)).toEqual(shown);
  });

  test("a failure carries status, quoted command and output", async () => {
    await expect(create({ create: 'echo "a"; echo b >&2; exit 3' })).rejects.toThrow(
      /^Process exited with status 3: running "echo \\"a\\"; echo b >&2; exit 3":\n(a\nb|b\na)\n$/,
    );
  });

  test("a killed command names the signal", async () => {
    await expect(create({ create: "kill -TERM $$" })).rejects.toThrow(
      "Process exited with status 143 from signal TERM",
    );
  });

  test("no create, no connection", async () => {
    expect(await create({}, { port: 1 })).toMatchObject({ stdout: "", stderr: "" });
  });

  test("a preview contacts nobody and knows no output", async () => {
    const made = await create(command, { port: 1 }, operation({ preview: true }));
    expect(made["stdout"]).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
  });

  test("a custom timeout does not end a running command", async () => {
    const controller = new AbortController();
    const running = create({ create: "sleep 0.4; echo done" }, {}, operation({ signal: controller.signal }));
    setTimeout(() => controller.abort(new Error("context deadline exceeded")), 200);
    expect(await running).toMatchObject({ stdout: "done" });
  });
});

describe("variables", () => {
  test("an accepted one reaches the command", async () => {
    expect(await create({ create: "echo $GREETING", environment: { GREETING: "hi" } })).toMatchObject({ stdout: "hi" });
  });

  test("a refused one is an error, and the command does not run", async () => {
    const before = server.commands.length;
    const context = operation();
    await expect(create({ ...command, environment: { OTHER: "x" } }, {}, context)).rejects.toThrow(
      'could not set environment variable "OTHER": ssh: setenv failed',
    );
    expect(context.logs).toMatchObject([{ severity: "error", status: false }]);
    expect(server.commands).toHaveLength(before);
  });

  test("previous outputs are tried, with a warning when refused", async () => {
    const context = operation();
    const inputs = { connection: secret(connection()), create: "echo again" };
    const state = { ...inputs, stdout: "before", stderr: "" };
    const updated = await remoteCommand.update({ id: "x", state, oldInputs: inputs, news: inputs }, context);
    expect(updated["stdout"]).toBe("again");
    expect(context.logs[0]).toMatchObject({
      severity: "warning",
      message: expect.stringContaining("PULUMI_COMMAND_STDOUT") as string,
    });
    const silent = operation();
    const news = { ...inputs, addPreviousOutputInEnv: false };
    await remoteCommand.update({ id: "x", state, oldInputs: inputs, news }, silent);
    expect(silent.logs.some(({ severity }) => severity === "warning")).toBe(false);
  });
});

describe("trust", () => {
  test("another host key of the same type is refused", async () => {
    await expect(create(command, { hostKey: authorizedLine(newKey()) })).rejects.toThrow(
      "after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    );
  });

  test("a pinned ssh-rsa key offers SHA-1 only, which a server of today refuses", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    await expect(create(command, { hostKey: authorizedLine(rsa) })).rejects.toThrow(
      "ssh: no common algorithm for host key; client offered: [ssh-rsa]",
    );
  });

  test("a host key that is none", async () => {
    await expect(create(command, { hostKey: "nonsense" })).rejects.toThrow(
      "failed to parse host key: ssh: no key found",
    );
  });

  test("no host key accepts any host", async () => {
    expect(await create(command, { hostKey: undefined })).toMatchObject({ stdout: "hello" });
  });

  test("a wrong private key", async () => {
    await expect(create(command, { privateKey: privateText(newKey()) })).rejects.toThrow(
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
    );
  });

  test("a password", async () => {
    expect(await create(command, { privateKey: undefined, password: "open" })).toMatchObject({ stdout: "hello" });
    await expect(create(command, { privateKey: undefined, password: "shut" })).rejects.toThrow(
      "unable to authenticate",
    );
  });

  test("keys in PKCS#8 and encrypted keys", async () => {
    const pkcs8 = userKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(await create(command, { privateKey: pkcs8 })).toMatchObject({ stdout: "hello" });
    await expect(create(command, { privateKey: "no key" })).rejects.toThrow("ssh: no key found");
    await expect(create(command, { privateKeyPassword: "x" })).rejects.toThrow("ssh: key is not password protected");
  });

  test("an agent that cannot be reached fails even with a private key", async () => {
    await expect(create(command, { agentSocketPath: "/nonexistent/agent" })).rejects.toThrow(
      "dial unix /nonexistent/agent: connect: no such file or directory",
    );
  });
});

describe("dialling", () => {
  test("forgives as many errors as it says and then gives up", async () => {
    const context = operation();
    await expect(create(command, { port: 1, dialErrorLimit: 2 }, context)).rejects.toThrow(
      "after 2 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
    );
    expect(context.logs.map(({ message }) => message)).toEqual([
      "Dial 1/2 failed: retrying",
      "Dial 2/2 failed: retrying",
    ]);
  });

  test("without a limit only an abort ends it", async () => {
    const controller = new AbortController();
    const context = operation({ signal: controller.signal });
    setTimeout(() => controller.abort(new Error("context deadline exceeded")), 400);
    await expect(create(command, { port: 1, dialErrorLimit: -1 }, context)).rejects.toThrow(
      "context deadline exceeded",
    );
    expect(context.logs[0]?.message).toBe("Dial 1/inf failed: retrying");
  });

  test("a peer that hangs up in the handshake", async () => {
    const rude = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    const { port } = rude.address() as { port: number };
    await expect(create(command, { port })).rejects.toThrow("ssh: handshake failed: EOF");
    rude.close();
  });
});

describe("lifecycle", () => {
  const inputs = (): Properties => ({
    connection: secret(connection()),
    create: "echo created",
    delete: "echo deleted",
  });
  const update = (news: Properties): Promise<Properties> => {
    const state = { ...inputs(), stdout: "created", stderr: "" };
    return remoteCommand.update({ id: "x", state, oldInputs: inputs(), news }, operation());
  };

  test("an update runs update, else create, else nothing", async () => {
    expect(await update({ ...inputs(), update: "echo updated" })).toMatchObject({ stdout: "updated" });
    expect(await update(inputs())).toMatchObject({ stdout: "created" });
    expect(await update({ connection: secret(connection({ port: 1 })) })).toMatchObject({ stdout: "created" });
  });

  test("a deletion runs the state's delete over the state's connection", async () => {
    await remoteCommand.delete?.({ ...inputs(), stdout: "", stderr: "" }, operation());
    expect(server.commands.at(-1)).toBe("echo deleted");
    await remoteCommand.delete?.({ connection: secret(connection({ port: 1 })) }, operation());
  });
});
