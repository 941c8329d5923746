import { seconds, type Progress } from "../progress";
import { formatStatus, readStatus } from "./status";

/** The end of `up`: what there is now, how long it took, and what to try next. */
export async function printSummary(progress: Progress, startedAt: number): Promise<void> {
  const lines = [
    "",
    formatStatus(await readStatus()),
    `time taken  ${seconds(startedAt)}`,
    "",
    "Next:",
    "  npm run --silent sandbox -- exec -- kubectl get nodes -o wide",
    "  npm run --silent sandbox -- exec -- pulumi preview --stack sandbox",
    "  npm run sandbox -- ssh pi1",
    "  npm run sandbox -- power-off pi1      (and: status, power-on pi1)",
    "  npm run sandbox -- down",
  ];
  progress.print(lines.join("\n"));
}
