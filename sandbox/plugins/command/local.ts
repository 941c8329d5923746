/** `command:local:Command` and `command:local:run`: commands on the machine that runs Pulumi. Follows local/commandOutputs.go. */
import { ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { FunctionHandler, ResourceHandler } from "../operation";
import { Properties, revealAll } from "../properties";
import { collectFiles } from "./files";
import { commandHandler, Outputs, Runner } from "./lifecycle";
import { commandError, OutputCollector } from "./output";
import { LOCAL_COMMAND, LOCAL_RUN } from "./shapes";
import { checkStruct } from "./shape";

const SIGNAL_TEXTS: Partial<Record<NodeJS.Signals, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGABRT: "aborted",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGPIPE: "broken pipe",
  SIGTERM: "terminated",
};

/** Variables that hand the previous run's streams to the next, unless they are empty or unwanted. */
export function previousOutputVariables(inputs: Properties, previous: Outputs): Record<string, string> {
  if (inputs["addPreviousOutputInEnv"] === false) {
    return {};
  }
  return {
    ...(previous.stdout !== "" && { PULUMI_COMMAND_STDOUT: previous.stdout }),
    ...(previous.stderr !== "" && { PULUMI_COMMAND_STDERR: previous.stderr }),
  };
}

/** Waits for a process and for its streams' ends; undefined on success, else Go's words for what happened. */
function outcome(child: ChildProcess, program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const found = error.code === "ENOENT" && !program.includes("/");
      resolve(
        found
          ? `exec: "${program}": executable file not found in $PATH`
          : `fork/exec ${program}: ${error.code === "ENOENT" ? "no such file or directory" : error.message}`,
      );
    });
    child.once("close", (code, signal) => {
      if (signal !== null) {
        resolve(`signal: ${SIGNAL_TEXTS[signal] ?? signal}`);
      } else {
        resolve(code === 0 ? undefined : `exit status ${code}`);
      }
    });
  });
}

const run: Runner = async (command, inputs, previous, operation) => {
  const interpreter = inputs["interpreter"] as string[] | undefined;
  const [program = "/bin/sh", ...args] = interpreter?.length ? interpreter : ["/bin/sh", "-c"];
  const directory = (inputs["dir"] as string | undefined) ?? process.cwd();
  const stdin = (inputs["stdin"] as string | undefined) ?? "";
  const output = new OutputCollector(operation, inputs["logging"]);
  const refusal = operation.signal.aborted
    ? (operation.signal.reason as Error).message
    : existsSync(directory)
      ? undefined
      : `chdir ${directory}: no such file or directory`;
  if (refusal !== undefined) {
    throw commandError(refusal, command, output);
  }
  const child = spawn(program, [...args, command], {
    cwd: directory,
    env: {
      ...process.env,
      ...(inputs["environment"] as Record<string, string> | undefined),
      ...previousOutputVariables(inputs, previous),
    },
    stdio: [stdin === "" ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const kill = (): void => void child.kill("SIGKILL");
  operation.signal.addEventListener("abort", kill, { once: true });
  child.stdout?.on("data", (chunk: Buffer) => output.add("stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.add("stderr", chunk));
  // A command may end without reading its input; that is its own business.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(stdin);
  const failure = await outcome(child, program);
  operation.signal.removeEventListener("abort", kill);
  await output.finish();
  if (failure !== undefined) {
    throw commandError(failure, command, output);
  }
  return {
    ...previous,
    ...(await collectFiles(directory, inputs)),
    stdout: output.text("stdout"),
    stderr: output.text("stderr"),
  };
};

/** Handler of `command:local:Command`. */
export const localCommand: ResourceHandler = commandHandler(LOCAL_COMMAND, run);

/** `command:local:run`: runs in previews, too. */
export const localRun: FunctionHandler = async (args, operation) => {
  const { inputs, failures } = checkStruct(LOCAL_RUN, args);
  if (failures.length > 0) {
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  }
  const open = revealAll(inputs) as Properties;
  return { ...inputs, ...(await run(String(open["command"]), open, { stdout: "", stderr: "" }, operation)) };
};
