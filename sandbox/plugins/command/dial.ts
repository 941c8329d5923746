/** Opens SSH connections, directly or through a proxy. Follows Connection.Dial of pulumi-command; errors have Go's wording. */
import { connect, isIPv6, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AnyAuthMethod, AuthHandlerMiddleware, Client } from "ssh2";
import { Operation } from "../operation";
import { ConnectionSettings, credentials, Credentials, methodName } from "./credentials";
import { dialWithRetry } from "./retry";

const DEFAULT_DIAL_ERROR_LIMIT = 10;

/** Go gives a dead peer 15 s and nine probes 15 s apart; Node can only choose the idle time before ten probes 1 s apart. */
const KEEPALIVE_IDLE_MILLISECONDS = 140_000;

const NETWORK_ERRORS: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ECONNRESET: "read: connection reset by peer",
  ETIMEDOUT: "connect: connection timed out",
};

function endpoint(settings: ConnectionSettings): string {
  const host = isIPv6(settings.host) ? `[${settings.host}]` : settings.host;
  return `${host}:${Math.trunc(settings.port)}`;
}

function networkError(settings: ConnectionSettings, error: NodeJS.ErrnoException): Error {
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  if (first.code === "ENOTFOUND" || first.code === "EAI_AGAIN") {
    const reason = first.code === "ENOTFOUND" ? "no such host" : "server misbehaving";
    return new Error(`dial tcp: lookup ${settings.host}: ${reason}`);
  }
  return new Error(`dial tcp ${endpoint(settings)}: ${NETWORK_ERRORS[first.code ?? ""] ?? first.message}`);
}

function dialTcp(settings: ConnectionSettings): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: settings.host, port: Math.trunc(settings.port) });
    const limit = Math.trunc(settings.perDialTimeout) * 1000;
    const timer =
      limit > 0 ? setTimeout(() => giveUp(new Error(`dial tcp ${endpoint(settings)}: i/o timeout`)), limit) : undefined;
    const giveUp = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const failed = (error: NodeJS.ErrnoException): void => giveUp(networkError(settings, error));
    socket.once("error", failed);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", failed);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEPALIVE_IDLE_MILLISECONDS);
      resolve(socket);
    });
  });
}

/** Hands out login methods in order, skipping those that the server does not offer, and remembers which were tried. */
function loginPlan(methods: readonly AnyAuthMethod[], tried: string[]): AuthHandlerMiddleware {
  const left = [...methods];
  return (offered, _partial, next) => {
    for (let method = left.shift(); method !== undefined; method = left.shift()) {
      const name = methodName(method);
      if (offered === null || offered === undefined || offered.includes(name)) {
        tried.push(name);
        next(method);
        return;
      }
    }
    // The typings lack that `false` ends the login.
    (next as unknown as (none: false) => void)(false);
  };
}

function handshakeError(error: Error & { level?: string }, login: Credentials, tried: readonly string[]): Error {
  const failed = (reason: string): Error => new Error(`ssh: handshake failed: ${reason}`);
  if (error.level === "client-authentication") {
    return failed(`ssh: unable to authenticate, attempted methods [${tried.join(" ")}], no supported methods remain`);
  }
  if (/verification failed/.test(error.message)) {
    return failed("ssh: host key mismatch");
  }
  if (/no matching host key/.test(error.message)) {
    return failed(`ssh: no common algorithm for host key; client offered: [${login.hostKey?.type ?? ""}]`);
  }
  if (/ECONNRESET/.test(error.message)) {
    return failed("read: connection reset by peer");
  }
  if (/[Cc]onnection lost|before handshake/.test(error.message)) {
    return failed("EOF");
  }
  return failed(error.message);
}

/** Negotiates SSH over an open stream. There is no time limit, as officially: only the TCP connection has one. */
async function handshake(stream: Duplex, settings: ConnectionSettings, login: Credentials): Promise<Client> {
  const { Client: SshClient } = await import("ssh2");
  const client = new SshClient();
  const tried: string[] = [];
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      client.end();
      stream.destroy();
      reject(handshakeError(error, login, tried));
    };
    client.once("error", failed);
    client.once("close", () => failed(new Error("Connection lost")));
    client.once("ready", () => {
      client.off("error", failed);
      // A peer that goes away later shows as the end of its channels.
      client.on("error", () => undefined);
      resolve(client);
    });
    const pinned = login.hostKey;
    client.connect({
      sock: stream,
      username: settings.user,
      authHandler: loginPlan(login.methods, tried),
      readyTimeout: 0,
      ...(pinned && {
        algorithms: { serverHostKey: [pinned.type as "ssh-ed25519"] },
        hostVerifier: (key: Buffer) => key.equals(pinned.blob),
      }),
    });
  });
}

const limitOf = (settings: ConnectionSettings): number => settings.dialErrorLimit ?? DEFAULT_DIAL_ERROR_LIMIT;

async function withPrefix<T>(prefix: string, body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch (error) {
    throw new Error(`${prefix}: ${(error as Error).message}`);
  }
}

function forward(client: Client, settings: ConnectionSettings): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut("0.0.0.0", 0, settings.host, Math.trunc(settings.port), (error, stream) => {
      if (error) {
        const reason = error.message.replace(/^\(SSH\) Channel open failure: ?/, "");
        reject(new Error(`ssh: rejected: connect failed (${reason})`));
      } else {
        resolve(stream);
      }
    });
  });
}

/**
 * Connects and logs in, repeating as the settings say. The caller decides when to end the client.
 * @throws Error the last attempt's reason after the number of failed ones, or the operation's abort reason.
 */
export async function dial(settings: ConnectionSettings, operation: Operation): Promise<Client> {
  const login = await credentials(settings);
  const proxy = settings.proxy;
  if (proxy === undefined) {
    return dialWithRetry("Dial", limitOf(settings), operation, async () =>
      handshake(await dialTcp(settings), settings, login),
    );
  }
  return withPrefix(
    "proxy",
    (async () => {
      const proxyLogin = await credentials(proxy);
      const proxyClient = await dialWithRetry("Dial proxy", limitOf(proxy), operation, async () =>
        handshake(await dialTcp(proxy), proxy, proxyLogin),
      );
      const stream = await dialWithRetry("Dial from proxy", limitOf(settings), operation, () =>
        forward(proxyClient, settings),
      );
      return dialWithRetry("Dial", limitOf(settings), operation, () => handshake(stream, settings, login));
    })(),
  );
}
