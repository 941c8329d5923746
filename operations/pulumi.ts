/** Calls of the Pulumi CLI. Its output stays in memory; secrets never reach a file or an argument. */
import { spawn } from "node:child_process";
import { OperationError, projectDirectory, type StackChoice } from "./command-line";

/**
 * Runs `pulumi ARGS --stack NAME` in the project's folder, in the caller's environment (PULUMI_* included).
 *
 * @param purpose what it is for, `read the kubeconfig of stack home`: begins the error's text
 * @param input text for its standard input, the way secrets travel
 * @returns standard output
 * @throws OperationError with Pulumi's own last lines
 */
export async function pulumi(
  args: readonly string[],
  stack: StackChoice,
  purpose: string,
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await run("pulumi", [...args, "--stack", stack.name, "--non-interactive"], input);
  if (code === 0) return stdout;
  const words = stderr
    .trim()
    .split("\n")
    .slice(-3)
    .join(" ")
    .replace(/^error: /, "");
  throw new OperationError(`cannot ${purpose}: ${words || `pulumi ended with code ${code}`}`);
}

/** Config key of the private SSH key. */
const PRIVATE_KEY = "homelab:sshPrivateKey";

/** The private SSH key of the stack. */
export async function privateKeyOf(stack: StackChoice): Promise<string> {
  const key = await pulumi(["config", "get", PRIVATE_KEY], stack, `read the SSH key of stack ${stack.name}`);
  // `config get` ends its output with a line end of its own; OpenSSH's format wants exactly one.
  return `${key.trimEnd()}\n`;
}

/** Encrypts a private SSH key into the stack file. */
export async function setPrivateKey(stack: StackChoice, privateKey: string): Promise<void> {
  const purpose = `set the SSH key of stack ${stack.name}`;
  await pulumi(["config", "set", "--secret", PRIVATE_KEY], stack, purpose, privateKey);
}

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[], input?: string): Promise<Result> {
  return await new Promise<Result>((resolve, reject) => {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const child = spawn(command, args, { cwd: projectDirectory, env, stdio: "pipe" });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    // A command that ends without reading its input is judged by its exit code.
    child.stdin.on("error", () => undefined).end(input ?? "");
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      const advice =
        error.code === "ENOENT"
          ? "it is not installed: https://www.pulumi.com/docs/iac/download-install/"
          : error.message;
      reject(new OperationError(`cannot run ${command}: ${advice}`));
    });
    child.on("close", (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") });
    });
  });
}
