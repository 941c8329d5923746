import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** Folders of a host that a script may name; in a test they lie below a folder of its own. */
const ABSOLUTE = /(?<![\w.}/])\/(etc|proc|var|sys|run|usr|dev\/watchdog)(?=[/\s;"]|$)/gm;

/** How a script ended, and which stubbed commands it called with which arguments, in order. */
export interface StubbedRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly string[];
}

/** A host of files: rendered scripts run on it for real, except that its commands that change a machine are stubs. */
export class StubbedHost {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-host-"));
  private readonly bin = path.join(this.root, "stubs");
  private readonly log = path.join(this.root, "calls");

  constructor() {
    fs.mkdirSync(this.bin);
    fs.mkdirSync(path.join(this.root, "run"));
    fs.mkdirSync(path.join(this.root, "proc"));
    fs.symlinkSync("/proc/uptime", path.join(this.root, "proc/uptime"));
  }

  /** Writes a file of the host. */
  write(file: string, text: string): this {
    const place = path.join(this.root, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
    return this;
  }

  /** Text of a file of the host; undefined if it is absent. */
  read(file: string): string | undefined {
    const place = path.join(this.root, file);
    return fs.existsSync(place) ? fs.readFileSync(place, "utf8") : undefined;
  }

  /** Replaces a command by these lines of shell. Its calls are recorded. */
  stub(command: string, body = ""): this {
    const text = `#!/bin/bash\necho "${command} $*" >>'${this.log}'\n${this.localise(body)}\n`;
    fs.writeFileSync(path.join(this.bin, command), text, { mode: 0o755 });
    return this;
  }

  /** Runs a rendered script as bash does on a host. */
  run(script: string, action: "create" | "update" | "delete" = "create"): StubbedRun {
    fs.rmSync(this.log, { force: true });
    const env = { ...process.env, PATH: `${this.bin}${path.delimiter}${process.env["PATH"] ?? ""}` };
    const input = this.localise(script);
    const { status, stdout, stderr } = spawnSync("bash", ["-s", action], { input, env, encoding: "utf8" });
    const calls = fs.existsSync(this.log) ? fs.readFileSync(this.log, "utf8").trimEnd().split("\n") : [];
    return { status, stdout, stderr, calls };
  }

  remove(): void {
    fs.rmSync(this.root, { recursive: true });
  }

  private localise(text: string): string {
    return text.replaceAll(ABSOLUTE, `${this.root}/$1`);
  }
}
