import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostConfig } from "../../config/types";
import { ensureLoginKey, writeKnownHosts } from "../../sandbox/host/keys";
import { inClient } from "../../sandbox/lan/client";

/** How long a host may take from the end of a session to answering again, in seconds. */
const REBOOT_SECONDS = 180;
/** Exit code of ssh itself: no connection, or one that broke. */
const BROKEN = 255;

/** One SSH session as root, that runs a script and is talked to line by line. */
export class Session {
  private readonly lines: string[] = [];
  private errors = "";
  private exit: number | null | undefined;
  private wake: () => void = () => {};

  private constructor(
    private readonly host: HostConfig,
    private readonly ssh: ChildProcessWithoutNullStreams,
  ) {
    createInterface(ssh.stdout).on("line", (line) => {
      this.lines.push(line);
      this.wake();
    });
    ssh.stderr.on("data", (data: Buffer) => (this.errors += data.toString()));
    // A host that reboots does not read to the end.
    ssh.stdin.on("error", () => undefined);
    ssh.on("close", (status) => {
      this.exit = status;
      this.wake();
    });
  }

  static async open(host: HostConfig, script: string): Promise<Session> {
    const { privateFile } = await ensureLoginKey();
    const options = {
      BatchMode: "yes",
      ConnectTimeout: "1",
      IdentitiesOnly: "yes",
      LogLevel: "ERROR",
      ServerAliveInterval: "5",
      StrictHostKeyChecking: "yes",
      UserKnownHostsFile: `"${writeKnownHosts(host.name, host.address)}"`,
    };
    const flags = Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    const login = [...flags, "-F", "none", "-i", privateFile, `${host.user}@${host.address}`];
    const { command, args } = inClient("ssh", [...login, "sudo -n bash -s"]);
    const session = new Session(host, spawn(command, args));
    session.ssh.stdin.write(script);
    return session;
  }

  /** The same, once the host has come back from a reboot: tried until the script has said its first line. */
  static async reopen(host: HostConfig, script: string): Promise<Session> {
    const deadline = Date.now() + REBOOT_SECONDS * 1000;
    for (;;) {
      const session = await Session.open(host, script);
      if (await session.hasSpoken()) return session;
      if (session.exit !== BROKEN || Date.now() > deadline) throw session.failure();
      await sleep(200);
    }
  }

  say(line: string): void {
    this.ssh.stdin.write(`${line}\n`);
  }

  /** The next line that the script says. @throws Error with its error output if it ends before */
  async hear(): Promise<string> {
    if (!(await this.hasSpoken())) throw this.failure();
    return this.lines.shift() ?? "";
  }

  /** Waits for the end of the script, that of its host by a reboot included. @throws Error if it ended otherwise */
  async end(options: { readonly byReboot: boolean }): Promise<void> {
    this.ssh.stdin.end();
    while (this.exit === undefined) await this.change();
    if (this.exit !== 0 && !(options.byReboot && this.exit === BROKEN)) throw this.failure();
  }

  /** Ends it, whatever it is at. */
  kill(): void {
    this.ssh.kill("SIGKILL");
  }

  private async hasSpoken(): Promise<boolean> {
    while (this.lines.length === 0 && this.exit === undefined) await this.change();
    return this.lines.length > 0;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private failure(): Error {
    return new Error(`floor: ${this.host.name}: the session ended with ${this.exit}:\n${this.errors}`);
  }
}
