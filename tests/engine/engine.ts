import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { secretNames } from "../../config/secrets";
import { languageHostEnvironment } from "../../sandbox/toolchain/language-host";

export const project = path.resolve(__dirname, "../..");

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A private Pulumi: state, home and stack file in a temporary folder, the tools that tests/run.ts made ready. */
export class Engine {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-engine-"));
  /** The stack file in use: a copy of the project's, with what a person would have filled in. */
  readonly stackFile: string;
  /** Names of the stack's hosts by role. */
  readonly servers: string[] = [];
  readonly agents: string[] = [];
  /** Names of the sections that the stack has, `loadBalancer`. */
  readonly sections: readonly string[];
  /** As Cloudflare's are: 40 characters. */
  readonly cloudflareApiToken = randomBytes(20).toString("hex");
  readonly privateKey = this.generateKey("login").private;

  constructor(readonly stack: string) {
    this.stackFile = path.join(this.directory, `Pulumi.${stack}.yaml`);
    const document = parseDocument(fs.readFileSync(path.join(project, `Pulumi.${stack}.yaml`), "utf8"));
    // A home's own salt and secret belong to another passphrase.
    document.delete("encryptionsalt");
    for (const secret of secretNames) document.deleteIn(["config", `homelab:${secret}`]);
    const config = document.get("config");
    this.sections = isMap(config) ? config.items.map(({ key }) => String(key).replace(/^homelab:/, "")) : [];
    const hosts = document.getIn(["config", "homelab:hosts"]);
    for (const [index, host] of (isSeq(hosts) ? hosts.items : []).entries()) {
      if (!isMap(host)) continue;
      (host.get("role") === "agent" ? this.agents : this.servers).push(String(host.get("name")));
      if (!host.has("hostKey")) host.set("hostKey", this.generateKey(`host-${index}`).public);
    }
    fs.writeFileSync(this.stackFile, document.toString());
    // `stack init` knows no other stack file than that of its folder, and writes the salt into it.
    fs.copyFileSync(path.join(project, "Pulumi.yaml"), path.join(this.directory, "Pulumi.yaml"));
    this.expect(["stack", "init", stack], "", this.directory);
    this.setSecret("sshPrivateKey", this.privateKey);
    this.setSecret("cloudflareApiToken", this.cloudflareApiToken);
  }

  private setSecret(name: string, value: string): void {
    this.expect(["config", "set", "--secret", `homelab:${name}`, "--stack", this.stack], value);
  }

  private generateKey(name: string): { private: string; public: string } {
    const file = path.join(this.directory, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
    return { private: fs.readFileSync(file, "utf8"), public: fs.readFileSync(`${file}.pub`, "utf8").trim() };
  }

  /** Runs the real CLI in a network namespace of its own: there is no host, and no way to any. */
  pulumi(args: readonly string[], input = "", cwd = project): Result {
    const tools = process.env["HOMELAB_TEST_TOOLS"];
    if (tools === undefined)
      throw new Error("run the engine tests by `npm test`: it makes the Pulumi CLI and its plugins ready");
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      ["--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec pulumi "$@"', "sh", ...args],
      {
        cwd,
        input,
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
        env: {
          ...process.env,
          PATH: `${tools}${path.delimiter}${process.env["PATH"] ?? ""}`,
          PULUMI_HOME: path.join(this.directory, "home"),
          PULUMI_BACKEND_URL: `file://${this.directory}`,
          PULUMI_CONFIG_PASSPHRASE: "engine tests",
          PULUMI_OPTION_CONFIG_FILE: this.stackFile,
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          ...languageHostEnvironment(),
        },
      },
    );
    return { status, stdout, stderr };
  }

  /** As {@link pulumi}, for what must succeed. */
  expect(args: readonly string[], input = "", cwd = project): string {
    const { status, stdout, stderr } = this.pulumi(args, input, cwd);
    if (status !== 0) throw new Error(`pulumi ${args.join(" ")} exited with ${status}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
