/** An SSH server on the loopback interface that answers commands from a table: a host for the operations to talk to. */
import type { AddressInfo } from "node:net";
import { Server, utils, type Connection } from "ssh2";
import { makeKeyPair } from "../../operations/key-pair";

/** What a command prints and how it ends. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** The command never ends. */
  readonly hangs?: boolean;
  /** @default 0 */
  readonly afterSeconds?: number;
}

export interface FakeHost {
  readonly port: number;
  /** `TYPE BASE64` of each of its host keys. */
  readonly hostKeys: readonly string[];
  readonly commands: readonly string[];
  close(): Promise<void>;
}

/** A key pair in OpenSSH form. */
export function keyPair(type: "ed25519" | "ecdsa" | "rsa"): { private: string; public: string } {
  if (type === "ed25519") {
    const { privateKey, publicKey } = makeKeyPair();
    return { private: privateKey, public: publicKey };
  }
  return utils.generateKeyPairSync(type === "rsa" ? "rsa" : "ecdsa", { bits: type === "rsa" ? 2048 : 256 });
}

/**
 * Starts a host.
 *
 * @param accepts public key (OpenSSH line) that may log in, or who decides about each one (`TYPE BASE64`); nobody by default
 */
export async function fakeHost(
  types: readonly ("ed25519" | "ecdsa" | "rsa")[],
  answer: (command: string) => Answer = () => ({}),
  accepts: string | ((key: string) => boolean) = () => false,
): Promise<FakeHost> {
  const keys = types.map(keyPair);
  const accepted =
    typeof accepts === "string" ? (key: string) => accepts.split(" ").slice(0, 2).join(" ") === key : accepts;
  const commands: string[] = [];
  const open = new Set<Connection>();
  const server = new Server({ hostKeys: keys.map((key) => key.private) }, (client) => {
    open.add(client);
    client.on("close", () => open.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (context) => {
      const known =
        context.method === "publickey" && accepted(`${context.key.algo} ${context.key.data.toString("base64")}`);
      if (known) context.accept();
      else context.reject(["publickey"]);
    });
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, { command }) => {
        commands.push(command);
        const channel = acceptExec();
        const { stdout = "", stderr = "", code = 0, hangs = false, afterSeconds = 0 } = answer(command);
        if (hangs) return;
        const end = (): void => {
          channel.write(stdout);
          channel.stderr.write(stderr);
          channel.exit(code);
          channel.end();
        };
        if (afterSeconds === 0) end();
        else setTimeout(end, afterSeconds * 1000);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKeys: keys.map((key) => key.public.split(" ").slice(0, 2).join(" ")),
    commands,
    close: async () => {
      for (const client of open) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
