/** `rotate-ssh-key --finish`: takes the keys that the stack had before off its hosts. */
import type { HomelabConfig } from "../../config/types";
import { OperationError, type StackChoice } from "../command-line";
import { withHosts } from "../hosts";
import { publicHalf } from "../key-pair";
import { privateKeyOf, pulumi } from "../pulumi";
import { onHosts, type HostOutcome } from "./on-hosts";
import { removeRetiredScript } from "./scripts";

/** What was done, and whether it was done on every host. */
export interface Finished {
  readonly text: string;
  readonly complete: boolean;
}

/**
 * Removes retired keys, and those of rotations that did not come to an end, from every host that can be reached. The
 * stack's key and other people's stay.
 *
 * @throws OperationError if `pulumi up` has something to do: what the state has still been made with would dial with the
 *   key that is to go, to delete it for example
 */
export async function finishRotation(stack: StackChoice, config: HomelabConfig): Promise<Finished> {
  const current = await privateKeyOf(stack);
  await needNoChanges(stack);
  const outcomes = await withHosts(config, current, (hosts) =>
    onHosts(hosts, ({ user }) => removeRetiredScript(user, publicHalf(current))),
  );
  const complete = outcomes.every(({ error }) => error === undefined);
  const again = "the old key is still let in where that failed: mend it and run this again";
  return { text: [...outcomes.map(outcomeText), ...(complete ? [] : [again])].join("\n"), complete };
}

async function needNoChanges(stack: StackChoice): Promise<void> {
  try {
    await pulumi(["preview", "--expect-no-changes"], stack, "finish");
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    throw new OperationError(
      `${error.message}\nThe old SSH key stays: what is in the state of stack ${stack.name} may still need it. Run ` +
        `\`pulumi up --stack ${stack.name}\` until it has nothing to change, then this again`,
    );
  }
}

function outcomeText({ name, said, error }: HostOutcome): string {
  if (error !== undefined) return `${name}: NOT DONE: ${error}`;
  if (said === "0") return `${name}: no old key was there`;
  return `${name}: removed ${said} old ${said === "1" ? "key" : "keys"}`;
}
