/** A real SSH server on the loopback interface that runs commands in a local shell, so that tests need no sshd. */
import { spawn } from "node:child_process";
import { generateKeyPairSync, KeyObject } from "node:crypto";
import { AddressInfo } from "node:net";
import { Connection, Server, ServerChannel, Session } from "ssh2";
import { serveSftp } from "./sftpServer";
import { opensshPrivateKey, sshPublicKey } from "../../../sandbox/plugins/openssh";

/** What a server accepts; everything else is refused. */
export interface ServerOptions {
  readonly hostKeys?: readonly string[];
  readonly userKey?: KeyObject;
  readonly password?: string;
  /** Names of variables that clients may set. */
  readonly acceptEnv?: readonly string[];
}

/** A running server. */
export interface SshServer {
  readonly port: number;
  readonly commands: string[];
  close(): Promise<void>;
}

export const newKey = (): KeyObject => generateKeyPairSync("ed25519").privateKey;

export function privateText(key: KeyObject): string {
  return opensshPrivateKey(key) ?? "";
}

export function authorizedLine(key: KeyObject): string {
  const made = sshPublicKey(key);
  return `${made?.type} ${made?.blob.toString("base64")} comment`;
}

function runIn(channel: ServerChannel, command: string, env: Record<string, string>): void {
  const child = spawn("/bin/sh", ["-c", command], { env: { ...process.env, ...env } });
  child.stdout.on("data", (chunk: Buffer) => channel.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => channel.stderr.write(chunk));
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.on("close", (code, signal) => {
    if (signal !== null) {
      (channel.exit as (name: string) => void)(signal.replace("SIG", ""));
    } else {
      channel.exit(code ?? 0);
    }
    channel.end();
  });
}

function serve(session: Session, options: ServerOptions, commands: string[]): void {
  const env: Record<string, string> = {};
  session.on("env", (accept, reject, { key, val }: { key: string; val: unknown }) => {
    if (options.acceptEnv?.includes(key)) {
      env[key] = String(val);
      accept?.();
    } else {
      reject?.();
    }
  });
  session.on("sftp", (accept) => serveSftp(accept()));
  session.on("exec", (accept, _reject, { command }) => {
    commands.push(command);
    runIn(accept(), command, env);
  });
}

/** Starts a server; the default host key is a new ed25519 key. */
export async function startSshServer(options: ServerOptions): Promise<SshServer> {
  const commands: string[] = [];
  const connections = new Set<Connection>();
  const server = new Server({ hostKeys: [...(options.hostKeys ?? [privateText(newKey())])] }, (connection) => {
    connections.add(connection);
    connection.on("error", () => undefined);
    connection.on("close", () => connections.delete(connection));
    connection.on("authentication", (context) => {
      const keyBlob = options.userKey && sshPublicKey(options.userKey)?.blob;
      const good =
        (context.method === "publickey" && keyBlob?.equals(context.key.data)) ||
        (context.method === "password" && options.password !== undefined && context.password === options.password);
      if (good) {
        context.accept();
      } else {
        context.reject(["publickey", "password"]);
      }
    });
    connection.on("ready", () => {
      connection.on("session", (accept) => serve(accept(), options, commands));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    close: () =>
      new Promise((resolve) => {
        connections.forEach((connection) => connection.end());
        server.close(() => resolve());
      }),
  };
}
