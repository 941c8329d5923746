import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { renderScript, shellQuote } from "../../../components/script/script";

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-script-"));
});
afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

/** Runs a step's text as the host does: bash reads it from standard input. */
function runStep(body: string, parameters: Parameters<typeof renderScript>[0]["parameters"] = {}): string {
  const file = path.join(directory, "step.sh");
  fs.writeFileSync(file, body);
  const text = renderScript({ step: "test", files: [file], parameters: { directory, ...parameters } });
  return execFileSync("bash", ["-s", "create"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

test("any text survives quoting", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("\0")),
      (text) => {
        expect(execFileSync("bash", ["-c", `printf %s ${shellQuote(text)}`], { encoding: "utf8" })).toBe(text);
      },
    ),
    { numRuns: 25 },
  );
});

test("the host's language does not change what commands print and read", () => {
  const former = process.env["LC_ALL"];
  process.env["LC_ALL"] = "de_DE.UTF-8";
  try {
    expect(runStep("printenv LC_ALL")).toBe("C.UTF-8\n");
  } finally {
    if (former === undefined) delete process.env["LC_ALL"];
    else process.env["LC_ALL"] = former;
  }
});

test("parameters arrive as text, number, flag and list", () => {
  const body = 'echo "$text|$number|${on:+on}|${off:+on}|${#list[@]}|${list[1]}|$1"';
  const parameters = { text: "it's $HOME", number: 7, on: true, off: false, list: ["a", "b c"] };
  expect(runStep(body, parameters)).toBe("it's $HOME|7|on||2|b c|create\n");
});

test("a command that reads standard input cannot swallow the rest of the script", () => {
  expect(runStep("cat\necho end")).toBe("end\n");
});

test("half a script runs nothing", () => {
  const file = path.join(directory, "step.sh");
  fs.writeFileSync(file, 'touch "$directory/done"');
  const text = renderScript({ step: "test", files: [file], parameters: { directory } });
  const half = text.slice(0, text.lastIndexOf("main"));
  execFileSync("bash", ["-s"], { input: half });
  expect(fs.existsSync(path.join(directory, "done"))).toBe(false);
});

test("write_file changes a file once, sets its mode and says so", () => {
  const body = 'write_file "$directory/deep/file" 0600 "$content" && echo changed || echo same';
  expect(runStep(body, { content: "one\ntwo" })).toBe("changed\n");
  expect(runStep(body, { content: "one\ntwo" })).toBe("same\n");
  expect(runStep(body, { content: "three" })).toBe("changed\n");
  const file = path.join(directory, "deep/file");
  expect(fs.readFileSync(file, "utf8")).toBe("three\n");
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(path.dirname(file))).toEqual(["file"]);
});

test("a failure names the host, the step and the remedy", () => {
  expect(() => runStep('fail "no disk" "add a disk"')).toThrow(
    expect.objectContaining({ status: 1, stderr: `homelab: ${os.hostname()}: test: no disk\n  -> add a disk\n` }),
  );
});

test("retry gives up when its time is over", () => {
  const body = 'tries=0; try() { tries=$((tries + 1)); false; }; retry 2 try || echo "gave up after $((tries > 1))"';
  expect(runStep(body)).toBe("gave up after 1\n");
});
