/**
 * `npm run bench [-- PART…]`: measures what the program costs, prints a table and writes bench/results/latest.json with
 * every sample. Without a name all parts run, but those that take very long.
 */
import { UserError } from "../sandbox/progress";
import { CommandError } from "../sandbox/process";
import { Home } from "./home";
import { commit, machine } from "./machine";
import type { Findings, Part } from "./part";
import { bringUp } from "./parts/bring-up";
import { failover } from "./parts/failover";
import { ingress } from "./parts/ingress";
import { layers } from "./parts/layers";
import { noopGrowth } from "./parts/noop-growth";
import { noopUp, noopUpWithLayers } from "./parts/no-op";
import { previewGrowth } from "./parts/preview-growth";
import { chosen, merge, write } from "./results";
import { table } from "./table";
import { tools } from "./tools";

/** In an order in which each finds the home as the one before has left it. */
const PARTS: readonly Part[] = [
  previewGrowth,
  bringUp,
  noopUp,
  layers,
  noopUpWithLayers,
  ingress,
  failover,
  noopGrowth,
];

async function main(names: readonly string[]): Promise<void> {
  const parts = chosen(PARTS, names);
  const date = new Date().toISOString();
  const measured = await commit();
  const say = (text: string): void => console.error(text);
  let home: Home | undefined;
  const context = { say, tools, home: () => (home ??= new Home(say)) };
  const findings: Findings[] = [];
  const ran: string[] = [];
  try {
    for (const part of parts) {
      say(`${part.name}: ${part.what}`);
      findings.push(await part.measure(context));
      ran.push(part.name);
      // After each, so that a failure of the next one takes nothing of it away.
      await write({ date, commit: measured, machine: machine(), parts: ran, ...merge(findings) });
    }
  } finally {
    await home?.remove();
    if (ran.length > 0) console.log(`\n${table(merge(findings))}\n\nbench/results/latest.json has every sample`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UserError || error instanceof CommandError ? error.message : error);
  process.exitCode = 1;
});
