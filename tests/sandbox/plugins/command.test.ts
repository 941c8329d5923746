import { detailedDiff } from "../../../sandbox/plugins/diff";
import { goQuote } from "../../../sandbox/plugins/command/output";
import { localCommand } from "../../../sandbox/plugins/command/local";
import { remoteCommand } from "../../../sandbox/plugins/command/remote";
import { isSecret, Properties, reveal, secret, UNKNOWN } from "../../../sandbox/plugins/properties";
import { operation } from "./support";

const check = (news: Properties) => remoteCommand.check(news, operation());

describe("check", () => {
  test("fills the connection's defaults in and marks it secret", async () => {
    const { inputs, failures } = await check({ create: "x", connection: { host: "h", password: "p" } });
    expect(failures).toEqual([]);
    expect(isSecret(inputs["connection"])).toBe(true);
    const connection = reveal(inputs["connection"]) as Properties;
    expect(connection).toMatchObject({ user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15, host: "h" });
    expect(isSecret(connection["password"])).toBe(true);
  });

  test("fills a proxy's defaults in only where there is a proxy", async () => {
    const { inputs } = await check({ connection: secret({ host: "h", proxy: { host: "p" } }) });
    expect((reveal(inputs["connection"]) as Properties)["proxy"]).toMatchObject({ user: "root", port: 22 });
  });

  test("an unknown connection passes", async () => {
    const { inputs, failures } = await check({ connection: secret(UNKNOWN) });
    expect({ inputs, failures }).toEqual({ inputs: { connection: secret(UNKNOWN) }, failures: [] });
  });

  test.each<[string, Properties, string, string]>([
    ["missing", {}, "connection", "Missing required field 'connection' on 'remote.CommandInputs'"],
    [
      "missing within",
      { connection: {} },
      "connection",
      "An error occurred decoding 'CommandInputs.connection': 1 failures decoding:\n\thost: Missing required field 'host' on 'remote.Connection'",
    ],
    [
      "unknown name",
      { connection: { host: "h", keyFile: "k" } },
      "connection",
      "An error occurred decoding 'CommandInputs.connection': 1 failures decoding:\n\tkeyFile: Unrecognized field 'keyFile' on 'remote.Connection'",
    ],
    [
      "wrong type",
      { connection: { host: "h" }, create: 7 },
      "create",
      "Field 'create' on 'remote.CommandInputs' must be a 'string'; got 'float64' instead",
    ],
    [
      "wrong element",
      { connection: { host: "h" }, environment: { A: 7 } },
      "environment",
      "Field 'environment[A] value' on 'remote.CommandInputs' must be a 'string'; got 'float64' instead",
    ],
  ])("%s", async (_name, news, property, reason) => {
    expect((await check(news)).failures).toEqual([{ property, reason }]);
  });

  test("inputs that fail still have their connection marked secret", async () => {
    const { inputs } = await check({ connection: { host: "h", privateKey: "KEY", oops: 1 } });
    expect(isSecret(inputs["connection"])).toBe(true);
  });
});

describe("diff", () => {
  const diff = (oldInputs: Properties, news: Properties) => remoteCommand.diff({ state: oldInputs, oldInputs, news });

  test("nothing changed", () => {
    const inputs = { create: "x", connection: secret({ host: "h" }), triggers: [1, { a: ["b"] }] };
    expect(diff(inputs, structuredClone(inputs))).toEqual({});
  });

  test("a trigger within the list updates: the SDK makes the engine replace; a whole list replaces", () => {
    expect(diff({ triggers: ["a"] }, { triggers: ["b"] })).toEqual({
      "triggers[0]": { kind: "update", replace: false },
    });
    expect(diff({}, { triggers: ["a"] })).toEqual({ triggers: { kind: "add", replace: true } });
    expect(diff({ triggers: ["a"] }, {})).toEqual({ triggers: { kind: "delete", replace: true } });
  });

  test("a secret is one value; becoming secret is a change", () => {
    const change = { connection: { kind: "update", replace: false } };
    expect(diff({ connection: secret({ host: "a" }) }, { connection: secret({ host: "b" }) })).toEqual(change);
    expect(diff({ connection: { host: "a" } }, { connection: secret({ host: "a" }) })).toEqual(change);
  });

  test("paths of nested and odd names", () => {
    expect(Object.keys(detailedDiff({}, { e: 1 }))).toEqual(["e"]);
    expect(Object.keys(detailedDiff({ e: { a: 1, "b.c": 1 } }, { e: { a: 2, "b.c": 2 } }))).toEqual([
      "e.a",
      'e["b.c"]',
    ]);
  });
});

describe("preview of an update", () => {
  const preview = (state: Properties, news: Properties) =>
    localCommand.update({ id: "x", state, oldInputs: state, news }, operation({ preview: true }));
  const state = { create: "x", stdout: "out", stderr: "" };

  test("outputs are unknown where an input changes or is unknown", async () => {
    expect(await preview(state, { create: "y" })).toMatchObject({ stdout: UNKNOWN, stderr: UNKNOWN });
    expect(await preview(state, { create: "x", environment: { A: UNKNOWN } })).toMatchObject({ stdout: UNKNOWN });
  });

  test("an input that the state lacks leaves them known, as officially", async () => {
    expect(await preview(state, { create: "x", dir: "/" })).toMatchObject({ stdout: "out" });
  });
});

describe("local commands", () => {
  const create = async (inputs: Properties, context = operation()) =>
    (await localCommand.create(inputs, context)).properties;

  test("environment, stdin, interpreter and directory", async () => {
    const inputs = { create: "read x; echo $x $A $(pwd)", environment: { A: "a" }, stdin: "in\n", dir: "/usr" };
    expect(await create({ ...inputs, interpreter: ["/bin/bash", "-c"] })).toMatchObject({ stdout: "in a /usr" });
  });

  test("failures", async () => {
    await expect(create({ create: "echo a; exit 2" })).rejects.toThrow('exit status 2: running "echo a; exit 2":\na\n');
    await expect(create({ create: "x", interpreter: ["no-such"] })).rejects.toThrow(
      "executable file not found in $PATH",
    );
    await expect(create({ create: "x", dir: "/no/such" })).rejects.toThrow("chdir /no/such: no such file or directory");
  });

  test("an abort kills the command", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("context deadline exceeded")), 100);
    await expect(create({ create: "exec sleep 30" }, operation({ signal: controller.signal }))).rejects.toThrow(
      "signal: killed",
    );
  });

  test("previous outputs reach update and delete", async () => {
    const state = { create: "echo one", stdout: "one", stderr: "" };
    const news = { update: "echo $PULUMI_COMMAND_STDOUT two" };
    const updated = await localCommand.update({ id: "x", state, oldInputs: state, news }, operation());
    expect(updated["stdout"]).toBe("one two");
    const deletion = localCommand.delete?.({ ...updated, delete: "echo $PULUMI_COMMAND_STDOUT; exit 1" }, operation());
    await expect(deletion).rejects.toThrow("one two");
  });

  test("a logged line that would hang the official plugin is an error", async () => {
    const long = "head -c 70000 /dev/zero | tr '\\0' x";
    await expect(create({ create: long })).rejects.toThrow("more than 64 KiB");
    expect(String((await create({ create: long, logging: "none" }))["stdout"])).toHaveLength(70000);
  });

  test("asset paths", async () => {
    const folder = "mkdir -p $D/logos && touch $D/logos/a.svg $D/b.js $D/secret.js";
    const dir = `${process.env["TMPDIR"] ?? "/tmp"}/assets-${process.pid}`;
    await create({ create: `mkdir -p ${dir}` });
    const made = await create({ create: folder, environment: { D: dir }, dir, assetPaths: ["**", "!*secret*"] });
    await create({ create: `rm -r ${dir}` });
    expect(Object.keys(made["assets"] as Properties)).toEqual(["b.js", "logos/a.svg"]);
  });
});

test("quoting follows Go", () => {
  expect(goQuote('a"b\\c\n\t\x00\x1bé€\u200b')).toBe('"a\\"b\\\\c\\n\\t\\x00\\x1bé€\\u200b"');
});
