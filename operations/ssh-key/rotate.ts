/** `rotate-ssh-key`: gives the stack another SSH key. Its first half; the second one, after `pulumi up`, is finish.ts. */
import { fingerprint } from "../../config/host-key";
import type { HomelabConfig } from "../../config/types";
import { OperationError, type StackChoice } from "../command-line";
import { sshReason, withHosts, type OpenHost } from "../hosts";
import { makeKeyPair, publicHalf, type KeyPair } from "../key-pair";
import { privateKeyOf, setPrivateKey } from "../pulumi";
import { connect } from "../ssh";
import { failures, namesOf, onHosts, type HostOutcome } from "./on-hosts";
import { addKeyScript, takeBackScript, type RotationKeys } from "./scripts";

/** Which key is in the stack after it was to get the new one; undefined if that can't be told. */
type Kept = "new" | "old" | undefined;

/**
 * Makes a key, lets it in on every host beside the current one, proves that it logs in, and gives it to the stack. All of
 * it or nothing: if any of that fails, the new key is taken off the hosts again. Its private half is kept in memory only.
 *
 * An interrupted run leaves at most a line in authorized_keys whose private half nobody has; the next run removes it.
 *
 * @returns what was done and what is left to do, for people
 * @throws OperationError that says what failed, and what is left behind if anything is
 */
export async function rotateSshKey(stack: StackChoice, config: HomelabConfig): Promise<string> {
  const current = await privateKeyOf(stack);
  const pair = makeKeyPair();
  const keys: RotationKeys = { currentKey: publicHalf(current), newKey: pair.publicKey };
  return await withHosts(config, current, async (hosts) => {
    needAll(hosts);
    const problem = (await letIn(hosts, keys)) ?? (await proveLogins(hosts, pair)) ?? (await giveToStack(stack, pair));
    if (problem !== undefined) {
      const undone = await onHosts(hosts, ({ user }) => takeBackScript(user, keys));
      throw new OperationError(`${problem}\n${undoneText(undone)}`);
    }
    return doneText(stack, config, keys);
  });
}

function needAll(hosts: readonly OpenHost[]): void {
  const silent = hosts.filter(({ connection }) => !connection);
  if (silent.length === 0) return;
  throw new OperationError(
    [
      `the SSH key was not changed: ${namesOf(silent.map(({ host }) => host))} cannot be logged in to`,
      ...silent.map(({ host, error }) => `  ${host.name}: ${error}`),
      "every host must get the new key: bring them back and run this again, or take a host that is gone for good out of the",
      "stack file first (docs/operations.md)",
    ].join("\n"),
  );
}

async function letIn(hosts: readonly OpenHost[], keys: RotationKeys): Promise<string | undefined> {
  const failed = failures(await onHosts(hosts, ({ user }) => addKeyScript(user, keys)));
  return failed.length === 0 ? undefined : `the new SSH key cannot be put on all hosts:\n${indented(failed)}`;
}

async function proveLogins(hosts: readonly OpenHost[], pair: KeyPair): Promise<string | undefined> {
  const tried = await Promise.all(
    hosts.map(async ({ host }): Promise<HostOutcome> => {
      try {
        (await connect(host, pair.privateKey)).close();
        return { name: host.name, said: "" };
      } catch (error) {
        return { name: host.name, said: "", error: sshReason(error) };
      }
    }),
  );
  const failed = failures(tried);
  if (failed.length === 0) return undefined;
  return `a login with the new SSH key failed, although it is in authorized_keys; look at sshd's log there:\n${indented(failed)}`;
}

/** Whatever Pulumi says: which key the stack has now decides which one must stay on the hosts. */
async function giveToStack(stack: StackChoice, pair: KeyPair): Promise<string | undefined> {
  let refusal = "it still has the old one";
  try {
    await setPrivateKey(stack, pair.privateKey);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    refusal = error.message;
  }
  const kept = await keptBy(stack, pair);
  if (kept === "new") return undefined;
  if (kept === "old") return `the stack did not take the new SSH key: ${refusal}`;
  throw new OperationError(
    `it is not known whether stack ${stack.name} has the new SSH key: ${refusal}; its key cannot be read either.\n` +
      "The hosts let both keys in. Mend that and run this again: what nobody needs is removed then",
  );
}

async function keptBy(stack: StackChoice, pair: KeyPair): Promise<Kept> {
  try {
    return (await privateKeyOf(stack)) === pair.privateKey ? "new" : "old";
  } catch (error) {
    if (error instanceof OperationError) return undefined;
    throw error;
  }
}

function undoneText(outcomes: readonly HostOutcome[]): string {
  const failed = failures(outcomes);
  const before = "The stack keeps its old key";
  if (failed.length === 0) return `${before}, and the new one was taken off all hosts again.`;
  return (
    `${before}. The new one, which nobody has any more, could not be taken off again here:\n${indented(failed)}\n` +
    "The next `rotate-ssh-key` removes it there."
  );
}

function doneText(stack: StackChoice, config: HomelabConfig, keys: RotationKeys): string {
  const print = (key: string): string => fingerprint(Buffer.from(key.split(" ")[1] ?? "", "base64"));
  return [
    `stack ${stack.name} has a new SSH key, ${print(keys.newKey)} (before: ${print(keys.currentKey)})`,
    `${namesOf(config.hosts)}: both keys are let in; a login with the new one was tried on each`,
    "",
    "what is left to do:",
    `  keep ${stack.file}: it has the new key, encrypted; commit it`,
    `  pulumi up --stack ${stack.name}`,
    "      runs every step of every host again, since the connection is part of it; they find nothing to change",
    `  npm run homelab -- rotate-ssh-key --finish --stack ${stack.name}`,
    "      takes the old key off the hosts. If it is your own, by which you log in by hand, see docs/operations.md first",
  ].join("\n");
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join("\n");
}
