import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseDocument, type Document } from "yaml";
import { shellQuote } from "../../components/script/script";

const project = path.resolve(__dirname, "../..");

export interface Outcome {
  readonly status: number | null;
  /** Standard output and standard error as they came. */
  readonly output: string;
  readonly stdout: string;
}

/** What `status --json` prints, as far as the tests look at it. */
export interface LabStatus {
  readonly hosts: readonly { readonly name: string; readonly power: string; readonly ready: boolean | null }[];
  readonly vip: string;
  readonly vipHolder: string | null;
}

/** Sections of the stack file above hosts and cluster, each a layer. */
export const LAYERS = ["loadBalancer", "ingress", "certificates", "lanDns", "publicDns", "apps"];

/** A sandbox of the tests' own beside any other, driven as a person drives it: by its commands and its stack file. */
export class Lab {
  readonly directory = path.join(project, ".sandbox-test");
  readonly stackFile = path.join(project, ".sandbox-test.yaml");
  private readonly env: NodeJS.ProcessEnv;

  constructor() {
    // The modules of the sandbox that a test asks for names read the same variables.
    process.env["HOMELAB_SANDBOX_DIR"] = this.directory;
    process.env["HOMELAB_SANDBOX_STACK_FILE"] = this.stackFile;
    this.env = { ...process.env };
    fs.copyFileSync(path.join(project, "Pulumi.sandbox.yaml"), this.stackFile);
  }

  /** `npm run sandbox -- ARGS`; prints what it says while it runs if `show` is set. */
  async sandbox(args: readonly string[], show = false): Promise<Outcome> {
    return collect(this.start(args), show);
  }

  /** The same, which must succeed; returns its standard output without the last line break. */
  async expect(args: readonly string[], show = false): Promise<string> {
    const { status, output, stdout } = await this.sandbox(args, show);
    if (status !== 0) throw new Error(`sandbox ${args.join(" ")} exited with ${status}:\n${output}`);
    return stdout.trimEnd();
  }

  /** Starts a command in a process group of its own and leaves it running. */
  start(args: readonly string[], input = ""): ChildProcess {
    const tsx = path.join(project, "node_modules/.bin/tsx");
    const command = [path.join(project, "sandbox/cli.ts"), ...args];
    const child = spawn(tsx, command, { cwd: project, env: this.env, detached: true, stdio: "pipe" });
    child.stdin.end(input);
    return child;
  }

  up(): Promise<string> {
    return this.expect(["up"], true);
  }

  /** Runs a command on a host; what must not be on a command line is its standard input. */
  async ssh(host: string, command: string, input = ""): Promise<string> {
    const { status, output, stdout } = await collect(this.start(["ssh", host, "--", command], input));
    if (status !== 0) throw new Error(`${command} on ${host} exited with ${status}:\n${output}`);
    return stdout.trimEnd();
  }

  exec(...command: readonly string[]): Promise<string> {
    return this.expect(["exec", "--", ...command]);
  }

  /** A command in the LAN whose only knowledge is the address of one name server. */
  knowing(nameServer: string, ...command: readonly string[]): Promise<string> {
    return this.expect(["exec", "--dns", nameServer, "--", ...command]);
  }

  /** A command in the LAN that reads what must not be on a command line, and must succeed. */
  async feed(input: string, ...command: readonly string[]): Promise<string> {
    const { status, output, stdout } = await collect(this.start(["exec", "--", ...command], input));
    if (status !== 0) throw new Error(`${command.join(" ")} exited with ${status}:\n${output}`);
    return stdout.trimEnd();
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.exec("kubectl", "--request-timeout=10s", ...args);
  }

  async status(): Promise<LabStatus> {
    return JSON.parse(await this.expect(["status", "--json"])) as LabStatus;
  }

  /** Edits the stack file as a person would. */
  edit(change: (document: Document) => void): void {
    const document = parseDocument(fs.readFileSync(this.stackFile, "utf8"));
    change(document);
    fs.writeFileSync(this.stackFile, document.toString());
  }

  /** Leaves hosts and cluster in the stack file, and no layer above them. */
  removeLayers(): void {
    this.edit((document) => LAYERS.forEach((layer) => void document.deleteIn(["config", `homelab:${layer}`])));
  }

  /**
   * How many SSH logins each host has seen up to now, the one that counts included. Twice in a row it grows by one, so
   * that the number of commands between two counts is their difference less one.
   */
  async logins(hosts: readonly string[]): Promise<number[]> {
    // What sshd has said may be on its way to the journal still.
    const count =
      "sudo journalctl --sync; sudo journalctl --identifier sshd --output cat | grep -c '^Accepted publickey'";
    return Promise.all(hosts.map(async (host) => Number(await this.ssh(host, count))));
  }

  /** World-readable files of a host that hold this text (or one of its lines), and `journal` if its log does. */
  async findOnHost(host: string, text: string): Promise<string[]> {
    // The text goes through pipes and builtins only: sudo logs its arguments, and xargs starts grep many times.
    const look = `secret=$(cat); export secret
      journalctl --output cat | grep --fixed-strings --file=<(printf %s "$secret") >/dev/null && echo journal
      find / /run /tmp -xdev -type f -perm -o=r -size -50M -print0 |
        xargs -0 sh -c 'printf "%s\\n" "$secret" | grep --files-with-matches --fixed-strings --file=- "$@" /dev/null' sh | sort --unique || true`;
    const found = await this.ssh(host, `sudo bash -c ${shellQuote(look)}`, text);
    return found === "" ? [] : found.split("\n");
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
    fs.rmSync(this.stackFile, { force: true });
  }
}

/** Kills every process of a command that was started with {@link Lab.start}, pulumi and its plugins included. */
export function killAll(child: ChildProcess): void {
  if (child.pid === undefined) throw new Error("the process has not started");
  const members = descendants(child.pid);
  for (const pid of members) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function descendants(root: number): number[] {
  const { stdout } = spawnSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" });
  const children = new Map<number, number[]>();
  for (const line of stdout.trim().split("\n")) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const visit = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(visit)];
  return visit(root);
}

/** Everything a started command prints until it ends. */
export function collect(child: ChildProcess, show = false): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let output = "";
    let stdout = "";
    child.stdout?.on("data", (data: Buffer) => {
      output += data.toString();
      stdout += data.toString();
      if (show) process.stderr.write(data);
    });
    child.stderr?.on("data", (data: Buffer) => {
      output += data.toString();
      if (show) process.stderr.write(data);
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output, stdout }));
  });
}

/** Tries once a second until `probe` returns something; says what was waited for if it never does. Returns seconds taken. */
export async function until(what: string, limitSeconds: number, probe: () => Promise<boolean>): Promise<number> {
  const start = Date.now();
  let last = "";
  while (Date.now() - start < limitSeconds * 1000) {
    try {
      if (await probe()) return (Date.now() - start) / 1000;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(1000);
  }
  throw new Error(`${what} not within ${limitSeconds} s${last === "" ? "" : `; last: ${last}`}`);
}
