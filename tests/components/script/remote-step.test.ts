import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { RemoteCommand } from "../../../components/script/remote-command";
import { connectionTo, remoteStep, type RemoteStepArgs } from "../../../components/script/remote-step";
import { host } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

const key = pulumi.secret("the-key");
const pi = { ...host(1), hostKey: "ssh-ed25519 AAAA" };

/** A command as the class of @pulumi/command registers it. */
async function official(
  args: Omit<command.remote.CommandArgs, "connection">,
  opts: pulumi.CustomResourceOptions,
  dialErrorLimit?: number,
): Promise<Registration[]> {
  const { address, port, user, hostKey } = pi;
  const limit = dialErrorLimit === undefined ? {} : { dialErrorLimit };
  const connection = { host: address, port, user, hostKey, privateKey: key, ...limit };
  return recordProgram(() => void new command.remote.Command("step", { connection, ...args }, opts));
}
const ours = (args: Omit<RemoteStepArgs, "connection">, opts: pulumi.CustomResourceOptions): Promise<Registration[]> =>
  recordProgram(() => void remoteStep("step", { connection: connectionTo(pi, key), ...args }, opts));

const become = (call: string): string => `sh -c '[ "$(id -u)" = 0 ] || exec sudo -n "$@"; exec "$@"' sh ${call}`;
const timeouts = { create: "600s", update: "600s", delete: "600s" };

test("a step registers what the official class would", async () => {
  const plain = { stdin: "the script", addPreviousOutputInEnv: false };
  const opts = { protect: true, ignoreChanges: ["triggers"] };
  expect(await ours({ script: "the script" }, opts)).toEqual(
    await official(
      { ...plain, create: become("bash -s create"), logging: "stderr" },
      { ...opts, customTimeouts: timeouts },
    ),
  );
  const all = { script: "the script", distinguishUpdate: true, undo: true, asLogin: true, dialErrorLimit: 20 };
  expect(await ours(all, {})).toEqual(
    await official(
      { ...plain, create: "bash -s create", update: "bash -s update", delete: "bash -s delete", logging: "stderr" },
      { customTimeouts: timeouts },
      20,
    ),
  );
  expect(await ours({ script: "the script", secretOutput: true }, {})).toEqual(
    await official(
      { ...plain, create: become("bash -s create"), logging: "none" },
      { customTimeouts: timeouts, additionalSecretOutputs: ["stdout", "stderr"] },
    ),
  );
});

test("what a step prints can be read where it was said to be read, and nowhere else", async () => {
  const made: RemoteCommand[] = [];
  await recordProgram(() => {
    const connection = connectionTo(pi, key);
    made.push(remoteStep("read", { connection, script: "", secretOutput: true }, {}));
    made.push(remoteStep("unread", { connection, script: "" }, {}));
  });
  const [read, unread] = made;
  const printed = await new Promise((resolve) => read?.stdout.apply(resolve));
  expect(printed).toBe("stdout of read");
  expect(unread?.stdout).toBeUndefined();
});
