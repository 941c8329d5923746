/** Runs one command in an SSH session. Follows remote/commandOutputs.go of pulumi-command and Go's x/crypto/ssh Session. */
import type { Client, ClientChannel } from "ssh2";
import { OutputCollector } from "./output";

/** Signal numbers that x/crypto/ssh adds to 128. */
const SIGNALS: Record<string, number> = {
  ABRT: 6,
  ALRM: 14,
  FPE: 8,
  HUP: 1,
  ILL: 4,
  INT: 2,
  KILL: 9,
  PIPE: 13,
  QUIT: 3,
  SEGV: 11,
  TERM: 15,
};

/** The parts of the SSH library's inner objects that setting variables one by one needs (ssh2 1.17). */
interface InnerChannel {
  readonly outgoing: { readonly id: number };
  readonly _callbacks: ((failed: boolean) => void)[];
}
interface InnerProtocol {
  exec(channel: number, command: string, wantReply: boolean): void;
  env(channel: number, key: string, value: string, wantReply: boolean): void;
}
interface InnerClient {
  readonly _protocol: InnerProtocol;
  readonly _chanMgr: { readonly _channels: Record<string, unknown> };
}

/** A variable to set; `refused` hears of a server that does not accept it and throws if that is an error. */
export interface SessionVariable {
  readonly name: string;
  readonly value: string;
  refused(): Promise<void>;
}

function isChannel(candidate: unknown, id: number): candidate is InnerChannel {
  return (candidate as Partial<InnerChannel> | undefined)?.outgoing?.id === id;
}

/**
 * Starts a command after its variables are set, each acknowledged before the next. The library sends variables without
 * asking whether they were accepted, so its request to execute is held back and sent once all answers are in.
 */
function start(client: Client, command: string, variables: readonly SessionVariable[]): Promise<ClientChannel> {
  const inner = client as unknown as InnerClient;
  const protocol = inner._protocol;
  const execute = protocol.exec.bind(protocol);
  return new Promise((resolve, reject) => {
    protocol.exec = (id, text, wantReply) => {
      delete (protocol as Partial<InnerProtocol>).exec;
      const channel = Object.values(inner._chanMgr._channels).find((candidate) => isChannel(candidate, id));
      const set = async (): Promise<void> => {
        for (const variable of variables) {
          const refused = await new Promise<boolean>((answer) => {
            // In front of the execute request's own callback, which already waits there.
            (channel as InnerChannel)._callbacks.unshift(answer);
            protocol.env(id, variable.name, variable.value, true);
          });
          if (refused) {
            await variable.refused();
          }
        }
        execute(id, text, wantReply);
      };
      set().catch(reject);
    };
    client.exec(command, (error, channel) => (error ? reject(new Error("ssh: command failed")) : resolve(channel)));
    // A peer that goes away between connection and start answers nothing any more.
    client.once("close", () => reject(new Error("EOF")));
  });
}

/**
 * Waits for a started command; undefined on success, else Go's words for what happened. The channel's end tells how the
 * command has ended: the event `exit` may come together with the answer that it was started, before anybody listens.
 */
function outcome(channel: ClientChannel): Promise<string | undefined> {
  return new Promise((resolve) => {
    channel.on("close", (code?: number | null, signal?: string, _dump?: boolean, description?: string) => {
      if (code === undefined) {
        resolve("wait: remote command exited without exit status or exit signal");
      } else if (code === 0) {
        resolve(undefined);
      } else {
        const name = signal?.replace(/^SIG/, "");
        const status = code ?? 128 + (SIGNALS[name ?? ""] ?? 0);
        const from = name === undefined ? "" : ` from signal ${name}`;
        resolve(`Process exited with status ${status}${from}${description ? `. Reason was: ${description}` : ""}`);
      }
    });
  });
}

/**
 * Runs a command to its end and collects its output. Not even an abort ends it early, as officially: only dialling can
 * be aborted.
 * @returns undefined on success, else the reason of the failure.
 */
export async function runCommand(
  client: Client,
  command: string,
  stdin: string,
  variables: readonly SessionVariable[],
  output: OutputCollector,
): Promise<string | undefined> {
  let channel: ClientChannel;
  try {
    channel = await start(client, command, variables);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("could not set environment variable")) {
      throw error;
    }
    return (error as Error).message;
  }
  const ended = outcome(channel);
  channel.on("data", (chunk: Buffer) => output.add("stdout", chunk));
  channel.stderr.on("data", (chunk: Buffer) => output.add("stderr", chunk));
  channel.on("error", () => undefined);
  channel.end(stdin);
  return ended;
}
