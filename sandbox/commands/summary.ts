import { seconds, type Progress } from "../progress";
import { statePaths } from "../paths";
import { stackUrls } from "../stack/deploy";
import { formatStatus, readStatus } from "./status";

/**
 * The end of `up`: what there is now, how long it took, and what to try next.
 *
 * @param nameServer Address of the LAN's own name server, if the stack has one.
 */
export async function printSummary(progress: Progress, startedAt: number, nameServer?: string): Promise<void> {
  const sites = Object.values(await stackUrls());
  const [site] = sites.slice(-1);
  const lines = [
    "",
    formatStatus(await readStatus()),
    ...sites.map((url, index) => `${index === 0 ? "sites" : ""}`.padEnd(12) + url),
    `time taken  ${seconds(startedAt)}`,
    "",
    "Next:",
    "  npm run --silent sandbox -- exec -- kubectl get nodes -o wide",
    "  npm run --silent sandbox -- exec -- pulumi preview --stack sandbox",
    ...(site !== undefined && nameServer !== undefined
      ? [`  npm run --silent sandbox -- exec --dns ${nameServer} -- curl --cacert ${statePaths().acmeRoot} ${site}`]
      : []),
    "  npm run sandbox -- ssh pi1",
    "  npm run sandbox -- power-off pi1      (and: status, power-on pi1)",
    "  npm run sandbox -- down",
  ];
  progress.print(lines.join("\n"));
}
