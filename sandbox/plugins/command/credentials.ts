/** How a connection proves itself and its peer. Follows SSHConfig of pulumi-command (remote/connection.go). */
import { createPrivateKey, KeyObject } from "node:crypto";
import { connect } from "node:net";
import type { AnyAuthMethod, AuthenticationType, ParsedKey } from "ssh2";
import { opensshPrivateKey, parseAuthorizedKey } from "../openssh";

/** A connection's settings after the check, so with defaults; `proxy` is only valid at the top. */
export interface ConnectionSettings {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly password?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly agentSocketPath?: string;
  /** Errors forgiven while dialling; -1 forgives all. */
  readonly dialErrorLimit?: number;
  /** Limit of one TCP connection attempt in seconds; 0 is none. The handshake after it has no limit. */
  readonly perDialTimeout: number;
  /** One line of an authorized_keys file; absent accepts any host. */
  readonly hostKey?: string;
  readonly proxy?: ConnectionSettings;
}

/** What a dial needs: the pinned host key, and the methods to log in with, in order. */
export interface Credentials {
  readonly hostKey?: { readonly type: string; readonly blob: Buffer };
  readonly methods: readonly AnyAuthMethod[];
}

/** The name that the server knows a method by. */
export function methodName(method: AnyAuthMethod): AuthenticationType {
  return method.type === "agent" ? "publickey" : method.type;
}

function parseHostKey(text: string): { type: string; blob: Buffer } {
  const key = parseAuthorizedKey(text);
  if (key === undefined) {
    throw new Error("failed to parse host key: ssh: no key found");
  }
  return key;
}

/** PKCS#8, which the SSH library does not read, in a form that it does. */
function convertPkcs8(text: string): string {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw new Error("ssh: failed to parse private key: it is not a valid PKCS#8 key");
  }
  return opensshPrivateKey(key) ?? key.export({ type: "sec1", format: "pem" }).toString();
}

/** Reads a private key; the messages are those of Go's x/crypto/ssh. The key's text is never part of them. */
async function parsePrivateKey(text: string, passphrase: string | undefined): Promise<ParsedKey> {
  const { utils } = await import("ssh2");
  if (!/-----BEGIN [A-Z0-9 ]+-----/.test(text)) {
    throw new Error("ssh: no key found");
  }
  const pkcs8 = text.includes("-----BEGIN PRIVATE KEY-----");
  const plain = pkcs8 ? convertPkcs8(text) : text;
  const openssh = plain.includes("OPENSSH PRIVATE KEY");
  const withoutPassphrase = utils.parseKey(plain);
  if (passphrase !== undefined && !(withoutPassphrase instanceof Error)) {
    throw new Error(openssh && !pkcs8 ? "ssh: key is not password protected" : "ssh: not an encrypted key");
  }
  const parsed = passphrase === undefined ? withoutPassphrase : utils.parseKey(plain, passphrase);
  if (parsed instanceof Error) {
    const encrypted = /ENCRYPTED/.test(plain) || /encrypted/i.test(parsed.message);
    if (passphrase === undefined && encrypted) {
      throw new Error("ssh: this private key is passphrase protected");
    }
    throw new Error(passphrase === undefined ? `ssh: ${parsed.message}` : "x509: decryption password incorrect");
  }
  // The typings leave out that a file may hold several keys.
  const keys = [parsed].flat();
  if (keys[0] === undefined) {
    throw new Error("ssh: no key found");
  }
  return keys[0];
}

/** An agent that cannot be reached fails everything, even where a private key would do. */
function probeAgent(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = {
        ENOENT: "no such file or directory",
        ECONNREFUSED: "connection refused",
        EACCES: "permission denied",
      };
      reject(new Error(`dial unix ${path}: connect: ${reasons[error.code ?? ""] ?? error.message}`));
    });
  });
}

/** Prepares a login. Each error is final: these are not repeated. */
export async function credentials(settings: ConnectionSettings): Promise<Credentials> {
  const username = settings.user;
  const hostKey = settings.hostKey === undefined ? undefined : parseHostKey(settings.hostKey);
  const methods: AnyAuthMethod[] = [{ type: "none", username }];
  if (settings.privateKey !== undefined) {
    methods.push({
      type: "publickey",
      username,
      key: await parsePrivateKey(settings.privateKey, settings.privateKeyPassword),
    });
  }
  const password = settings.password;
  if (password !== undefined) {
    methods.push({ type: "password", username, password });
    methods.push({
      type: "keyboard-interactive",
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
    });
  }
  const agent = settings.agentSocketPath ?? (process.env["SSH_AUTH_SOCK"] || undefined);
  if (agent !== undefined) {
    await probeAgent(agent);
    // Go tries one method of each name, so an agent is only asked where no private key was given.
    if (settings.privateKey === undefined) {
      methods.push({ type: "agent", username, agent });
    }
  }
  return { ...(hostKey && { hostKey }), methods };
}
