/**
 * What all resources of the command plugin share: when a command runs, what a difference means, what a preview knows.
 * Follows pulumi-command 1.2.1 (commandController.go) on pulumi-go-provider 1.3.0 (infer/resource.go).
 */
import { randomBytes } from "node:crypto";
import { detailedDiff, DetailedDiff } from "../diff";
import { DiffRequest, Operation, ResourceHandler } from "../operation";
import { containsUnknown, Properties, revealAll, sameValue, UNKNOWN } from "../properties";
import { checkStruct, Struct } from "./shape";

/** What a run gives: at least the two streams, each without its last line end. */
export interface Outputs {
  readonly stdout: string;
  readonly stderr: string;
  readonly [extra: string]: unknown;
}

/**
 * Runs one command.
 * @param inputs without secret marks.
 * @param previous outputs of the run before, which the environment may hand on.
 */
export type Runner = (command: string, inputs: Properties, previous: Outputs, operation: Operation) => Promise<Outputs>;

/** Eight random hex digits after the resource's name, as the Go SDK makes IDs. */
export function uniqueId(name: string): string {
  return name + randomBytes(4).toString("hex");
}

/**
 * Differences between old and new inputs. Only a change of `triggers` as a whole asks for replacement here: for a change
 * within, the SDK's `replaceOnChanges: ["triggers[*]"]` makes the engine replace. Everything else updates.
 */
export function inputDiff({ oldInputs, news }: DiffRequest): DetailedDiff {
  return detailedDiff(oldInputs, news, (path) => path === "triggers");
}

/**
 * Whether an update's outputs are unknown in a preview: when an input is, or differs from the state. An input that the
 * state lacks does not count, which is the official behaviour.
 */
function outputsUnknown(shape: Struct, state: Properties, news: Properties): boolean {
  return Object.keys(shape.fields).some(
    (key) => containsUnknown(news[key]) || (key in state && !sameValue(state[key], news[key])),
  );
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function outputsOf(state: Properties): Outputs {
  const open = revealAll(state) as Properties;
  const extra = Object.fromEntries(["assets", "archive"].filter((key) => key in state).map((key) => [key, state[key]]));
  return { ...extra, stdout: text(open["stdout"]), stderr: text(open["stderr"]) };
}

/** The handler of a command resource with the given inputs, run by `run`. */
export function commandHandler(shape: Struct, run: Runner): ResourceHandler {
  const execute = (command: unknown, inputs: Properties, previous: Outputs, operation: Operation): Promise<Outputs> =>
    typeof command === "string"
      ? run(command, revealAll(inputs) as Properties, previous, operation)
      : Promise.resolve(previous);
  const inputsOf = (state: Properties): Properties =>
    Object.fromEntries(Object.entries(state).filter(([key]) => key in shape.fields));
  return {
    check: (news) => Promise.resolve(checkStruct(shape, news)),
    diff: inputDiff,
    async create(inputs, operation) {
      const id = uniqueId(operation.name);
      if (operation.preview) {
        return { id, properties: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
      }
      const command = revealAll(inputs["create"]);
      return {
        id,
        properties: { ...inputs, ...(await execute(command, inputs, { stdout: "", stderr: "" }, operation)) },
      };
    },
    async update({ state, news }, operation) {
      const previous = outputsOf(state);
      if (operation.preview) {
        const unknown = outputsUnknown(shape, state, news);
        const shown = Object.keys(previous).map((key): [string, unknown] => [key, unknown ? UNKNOWN : previous[key]]);
        return { ...news, ...Object.fromEntries(shown) };
      }
      const command = revealAll(news["update"] ?? news["create"]);
      return { ...news, ...(await execute(command, news, previous, operation)) };
    },
    async delete(state, operation) {
      await execute(revealAll(state["delete"]), inputsOf(state), outputsOf(state), operation);
    },
  };
}
