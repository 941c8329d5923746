/** SSH for day-2 operations: pinned host keys, bounded waits, errors that say what to do. */
import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { fingerprint, parseHostKey } from "../config/host-key";

/** Where to log in. */
export interface SshTarget {
  /** Address or name to dial. */
  readonly address: string;
  /** @default 22 */
  readonly port: number;
}

/** A login whose host key is pinned. */
export interface SshLogin extends SshTarget {
  readonly user: string;
  /** `TYPE BASE64`; no other key is accepted. */
  readonly hostKey: string;
}

/** How a command on a host ended. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; undefined if a signal or the connection's loss ended it. */
  readonly code: number | undefined;
}

/** Why a host could not be talked to: one line, without secrets. */
export class SshError extends Error {
  override readonly name = "SshError";
}

const DIAL_TIMEOUT_SECONDS = 8;

/** An authenticated connection. Always `close` it. */
export class SshConnection {
  /** Whether a command had to be given up: its host may not answer a farewell either. */
  private silent = false;

  constructor(
    private readonly client: Client,
    private readonly place: string,
  ) {}

  /**
   * Runs a shell command on the host and waits for its end. Commands may run side by side: one that takes too long is given
   * up, and the connection goes on for the others.
   *
   * @param timeoutSeconds limit of the whole run
   * @throws SshError if the time is over or the connection is lost
   */
  async run(command: string, timeoutSeconds = 30): Promise<CommandResult> {
    return await new Promise<CommandResult>((resolve, reject) => {
      let channel: ClientChannel | undefined;
      let over = false;
      const end = (): void => {
        over = true;
        clearTimeout(timer);
        this.client.removeListener("close", lost);
      };
      const failed = (what: string): void => {
        end();
        reject(new SshError(`${this.place}: ${what}`));
      };
      const lost = (): void => failed("the connection was lost; try again");
      const timer = setTimeout(() => {
        this.silent = true;
        channel?.close();
        failed(`a command did not end within ${timeoutSeconds} s; look at the host's load`);
      }, timeoutSeconds * 1000);
      const done = (result: CommandResult): void => {
        end();
        resolve(result);
      };
      this.client.once("close", lost);
      try {
        this.client.exec(command, (error, opened) => {
          if (error) return lost();
          channel = opened;
          // Given up before the host had answered.
          if (over) return opened.close();
          collect(opened, done);
        });
      } catch {
        // ssh2 throws if the connection ended before.
        lost();
      }
    });
  }

  close(): void {
    if (this.silent) this.client.destroy();
    else this.client.end();
  }
}

/**
 * Logs in with a private key; the host must present the pinned key.
 *
 * @param privateKey OpenSSH or PEM text; kept in memory only
 * @throws SshError with the reason: unreachable, other host key, key not accepted
 */
export async function connect(login: SshLogin, privateKey: string): Promise<SshConnection> {
  const place = placeOf(login);
  const pinned = parseHostKey(login.hostKey);
  const client = new Client();
  let presented: Buffer | undefined;
  const config: ConnectConfig = {
    ...dialling(login, pinned.type),
    username: login.user,
    privateKey,
    hostVerifier: (key: Buffer) => {
      presented = key;
      return key.equals(pinned.blob);
    },
  };
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.on("error", (error: Error & { level?: string }) => {
      if (presented && !presented.equals(pinned.blob))
        return reject(new SshError(otherKey(place, presented, pinned.blob)));
      reject(new SshError(`${place}: ${reason(error, login.user)}`));
    });
    // sshd may hang up without a word, and ssh2 calls that no error: in the middle of a boot, for example.
    client.once("close", () =>
      reject(
        new SshError(
          `${place}: the connection was closed before the login was over; does it boot or shut down? Try again, then \`journalctl -u ssh\` on it`,
        ),
      ),
    );
    dial(client, config, reject, place);
  });
  return new SshConnection(client, place);
}

/**
 * Asks a host for its key of one type, without logging in.
 *
 * @returns the key in wire format, or undefined if the host has none of that type
 * @throws SshError if nothing answers as an SSH server
 */
export async function hostKeyOf(target: SshTarget, type: string): Promise<Buffer | undefined> {
  const place = placeOf(target);
  const client = new Client();
  try {
    return await new Promise<Buffer | undefined>((resolve, reject) => {
      client.on("error", (error: Error & { level?: string }) => {
        if (error.level === "handshake" && /no matching host key/i.test(error.message)) return resolve(undefined);
        reject(new SshError(`${place}: ${reason(error, "")}`));
      });
      client.once("close", () =>
        reject(new SshError(`${place}: the connection was closed before a key was shown; try again`)),
      );
      const hostVerifier = (key: Buffer): boolean => {
        resolve(Buffer.from(key));
        return false;
      };
      dial(client, { ...dialling(target, type), username: "scan", hostVerifier }, reject, place);
    });
  } finally {
    client.destroy();
  }
}

function dialling({ address, port }: SshTarget, keyType: string): ConnectConfig {
  return {
    host: address,
    port,
    readyTimeout: DIAL_TIMEOUT_SECONDS * 1000,
    // A host has several keys: ask for the pinned type, or it may present another.
    algorithms: { serverHostKey: [keyType as ServerHostKeyAlgorithm] },
  };
}

/** ssh2 throws from `connect` itself for a key that it can't read; its message never holds the key. */
function dial(client: Client, config: ConnectConfig, reject: (error: Error) => void, place: string): void {
  try {
    client.connect(config);
  } catch {
    reject(
      new SshError(`${place}: the SSH private key of the stack can't be read; set an unencrypted OpenSSH or PEM key`),
    );
  }
}

function collect(channel: ClientChannel, done: (result: CommandResult) => void): void {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let code: number | undefined;
  channel.on("data", (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  channel.on("exit", (exitCode: number | null) => (code = exitCode ?? undefined));
  channel.on("close", () => {
    // Without an exit code the host went away, or a signal ended the command.
    done({ stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8"), code });
  });
}

function placeOf({ address, port }: SshTarget): string {
  return port === 22 ? address : `${address} port ${port}`;
}

function otherKey(place: string, presented: Buffer, pinned: Buffer): string {
  return (
    `${place}: the host shows the key ${fingerprint(presented)}, the stack has ${fingerprint(pinned)}; ` +
    "if the host was imaged anew run `npm run homelab -- scan` and correct its hostKey, otherwise find out who answers there"
  );
}

function reason(error: Error & { level?: string; code?: string }, user: string): string {
  if (error.level === "client-authentication") {
    return `sshd does not accept the stack's key for ${user}; put its public half into ~${user}/.ssh/authorized_keys`;
  }
  if (error.level === "client-timeout")
    return `no answer within ${DIAL_TIMEOUT_SECONDS} s; is it powered on and in this network?`;
  if (error.code === "ECONNREFUSED") return "nothing listens there; is sshd running?";
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") return "the name is unknown; write the address instead";
  if (error.code === "EHOSTUNREACH" || error.code === "ENETUNREACH")
    return "unreachable; is it powered on and in this network?";
  return `no SSH session (${error.message}); look at sshd's log on the host`;
}
