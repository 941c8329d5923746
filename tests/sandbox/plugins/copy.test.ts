import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyToRemoteHandler } from "../../../sandbox/plugins/command/copy";
import { Properties, secret, UNKNOWN } from "../../../sandbox/plugins/properties";
import { newKey, privateText, SshServer, startSshServer } from "./sshServer";
import { operation } from "./support";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ASSET = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17" };
const ARCHIVE = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7" };
const userKey = newKey();
let server: SshServer;
let folder: string;

beforeAll(async () => {
  delete process.env["SSH_AUTH_SOCK"];
  server = await startSshServer({ userKey });
  folder = mkdtempSync(join(tmpdir(), "copy-"));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function inputs(source: Properties, remotePath: string, overrides: Properties = {}): Properties {
  const connection = { host: "127.0.0.1", port: server.port, user: "pi", dialErrorLimit: 0, perDialTimeout: 5 };
  return { connection: secret({ ...connection, privateKey: privateText(userKey), ...overrides }), source, remotePath };
}

const create = (given: Properties): Promise<unknown> => copyToRemoteHandler.create(given, operation());

test("a text, with its parent directories", async () => {
  const target = join(folder, "made/for/it.txt");
  await create(inputs({ ...ASSET, text: "content", hash: "1" }, target));
  expect(readFileSync(target, "utf8")).toBe("content");
});

test("a text onto a directory is an error", async () => {
  await expect(create(inputs({ ...ASSET, text: "x", hash: "1" }, folder))).rejects.toThrow(
    "is a directory; when using a text asset, remotePath must be a file path",
  );
});

test("a file to a path and into a directory", async () => {
  const path = join(folder, "source.txt");
  writeFileSync(path, "a file");
  mkdirSync(join(folder, "into"));
  await create(inputs({ ...ASSET, path, hash: "1" }, join(folder, "target.txt")));
  await create(inputs({ ...ASSET, path, hash: "1" }, join(folder, "into")));
  expect(readFileSync(join(folder, "target.txt"), "utf8")).toBe("a file");
  expect(readFileSync(join(folder, "into/source.txt"), "utf8")).toBe("a file");
});

test("a directory goes into the target, its content if the path ends in a slash", async () => {
  const tree = join(folder, "tree");
  mkdirSync(join(tree, "branch"), { recursive: true });
  writeFileSync(join(tree, "branch/leaf"), "leaf");
  await create(inputs({ ...ARCHIVE, path: tree, hash: "1" }, join(folder, "forest")));
  await create(inputs({ ...ARCHIVE, path: `${tree}/`, hash: "1" }, join(folder, "garden")));
  expect(readFileSync(join(folder, "forest/tree/branch/leaf"), "utf8")).toBe("leaf");
  expect(readFileSync(join(folder, "garden/branch/leaf"), "utf8")).toBe("leaf");
});

test("only another content or path copies again, not another connection", async () => {
  const state = inputs({ ...ASSET, text: "x", hash: "1" }, join(folder, "again.txt"));
  const update = (news: Properties): Promise<unknown> =>
    copyToRemoteHandler.update({ id: "x", state, oldInputs: state, news }, operation());
  const elsewhere = { port: 1 };
  await update(inputs({ ...ASSET, text: "x", hash: "1" }, join(folder, "again.txt"), elsewhere));
  await expect(
    update(inputs({ ...ASSET, text: "y", hash: "2" }, join(folder, "again.txt"), elsewhere)),
  ).rejects.toThrow("connection refused");
});

test.each<[string, unknown, string]>([
  ["an unknown source", UNKNOWN, "either asset or archive must be set"],
  [
    "a remote asset",
    { ...ASSET, uri: "https://example.test/x", hash: "1" },
    "asset must be a path-based file asset or a text asset",
  ],
  ["a made-up archive", { ...ARCHIVE, assets: {}, hash: "1" }, "archive must be a path to a file or directory"],
])("%s is refused by the check", async (_name, source, reason) => {
  const { failures } = await copyToRemoteHandler.check(inputs(source as Properties, "/x"), operation());
  expect(failures.map((failure) => failure.reason)).toContain(reason);
});
