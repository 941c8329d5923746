import { CommandError } from "../../sandbox/process";
import { UserError } from "../../sandbox/progress";

/** The end of a test command that could not even begin: what is missing, and the closing line all the same. */
export function reportFailure(error: unknown): void {
  console.error(error instanceof UserError || error instanceof CommandError ? error.message : error);
  console.log("\n0 passed, 1 failed");
  process.exitCode = 1;
}
