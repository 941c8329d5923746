/** Hosts with an authorized_keys file that counts, and a stack whose key is in a file: what a rotation works on. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { HomelabConfig } from "../../../config/types";
import { makeKeyPair, type KeyPair } from "../../../operations/key-pair";
import { home, host } from "../../support/homes";
import { StubbedHost } from "../../support/stubbed-host";
import { fakeHost, type Answer, type FakeHost } from "../fake-host";

export const AUTHORIZED = "home/pi/.ssh/authorized_keys";
export const RETIRED = "var/lib/homelab/retired-ssh-keys";
export const MARK = "homelab-rotate-ssh-key";

/** A line of a person who has nothing to do with the stack. */
export const PERSON = `${makeKeyPair().publicKey} someone@laptop`;

/** A host whose sshd lets in whom its authorized_keys has, and that runs for real what it is told. */
export class RotatedHost {
  readonly disk = new StubbedHost();
  /** What a command is answered instead of being run, if something shall go wrong. */
  instead: (command: string) => Answer | undefined = () => undefined;
  /** Keys that sshd refuses whatever the file says. */
  refuses: (key: string) => boolean = () => false;
  private server: FakeHost | undefined;

  async start(): Promise<void> {
    this.disk.stub("id", "echo 0").stub("getent", `echo 'pi:x:1000:1000::${this.disk.root}/home/pi:/bin/bash'`);
    this.server = await fakeHost(
      ["ed25519"],
      (command) => this.instead(command) ?? this.run(command),
      (key) => this.lines().some((line) => ` ${line} `.includes(` ${key} `)) && !this.refuses(key),
    );
  }

  get login() {
    return { address: "127.0.0.1", port: this.server?.port ?? 0, hostKey: this.server?.hostKeys[0] ?? "" };
  }

  get commands(): readonly string[] {
    return this.server?.commands ?? [];
  }

  lines(): string[] {
    return (this.disk.read(AUTHORIZED) ?? "").split("\n").filter((line) => line !== "");
  }

  run(command: string): Answer {
    const { status, stdout, stderr } = this.disk.run(command);
    return { code: status ?? 1, stdout, stderr };
  }

  async stop(): Promise<void> {
    await this.server?.close();
  }

  remove(): void {
    this.disk.remove();
  }
}

/** Hosts and a stack; the Pulumi CLI is the one part that is not walked. */
export class RotationLab {
  readonly first: KeyPair = makeKeyPair();
  readonly hosts = [new RotatedHost(), new RotatedHost()] as const;
  readonly folder = fs.mkdtempSync(path.join(this.hosts[0].disk.root, "stack-"));
  readonly stack = { name: "test", file: path.join(this.folder, "Pulumi.test.yaml") };
  private readonly path = process.env["PATH"];

  /** Starts the hosts; each lets in a person and the stack's first key. */
  async start(): Promise<void> {
    for (const one of this.hosts) {
      one.disk.write(AUTHORIZED, `${PERSON}\n${this.first.publicKey} me@home\n`);
      fs.chmodSync(path.join(one.disk.root, AUTHORIZED), 0o640);
      await one.start();
    }
    fs.writeFileSync(path.join(this.folder, "key"), this.first.privateKey);
    this.pulumi({});
    process.env["PATH"] = `${this.folder}${path.delimiter}${this.path ?? ""}`;
  }

  /** What `pulumi config set`, `config get` and `preview` do; by default what they should. */
  pulumi({ set = "cat >key", get = "cat key", preview = "" }): void {
    const text = `#!/bin/bash
cd '${this.folder}' && echo "$*" >>calls
case "$1 $2" in
  'config set') ${set} ;;
  'config get') ${get} ;;
  'preview --expect-no-changes') ${preview || ":"} ;;
  *) exit 9 ;;
esac\n`;
    fs.writeFileSync(path.join(this.folder, "pulumi"), text, { mode: 0o755 });
  }

  get config(): HomelabConfig {
    const [one, two] = this.hosts;
    return home(host(1, "server", one.login), host(2, "agent", two.login));
  }

  /** The stack's private key. */
  get key(): string {
    return fs.readFileSync(path.join(this.folder, "key"), "utf8");
  }

  /** Arguments of every call of the Pulumi CLI. */
  get calls(): string {
    return fs.readFileSync(path.join(this.folder, "calls"), "utf8");
  }

  async stop(): Promise<void> {
    process.env["PATH"] = this.path;
    await Promise.all(this.hosts.map((one) => one.stop()));
    this.hosts.forEach((one) => one.remove());
  }
}
