/**
 * `npm run test:sandbox [-- SUITE…]`: from nothing to torn down on simulated Pis, one suite after the other, and one
 * closing line `N passed, N failed` over all of them, below what failed and why: after hours, nobody scrolls back for it.
 * `npm run test:drills` runs the others.
 */
import * as path from "node:path";
import { run } from "node:test";
import { reportFailure } from "../support/report";
import { ensurePackages } from "../../sandbox/machine/packages";
import { tryRun } from "../../sandbox/process";
import { Progress, UserError } from "../../sandbox/progress";

/** In the order in which they run: what a later one needs, an earlier one proves. */
const SUITES = ["cluster", "network", "changes", "layers", "faults", "drills"];
/** Those that run when none is named: the main road, short enough to be gone with each change. */
const USUAL = ["cluster", "network"];

function chosen(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !SUITES.includes(name));
  if (unknown.length > 0)
    throw new UserError(`No suite is called ${unknown.join(", ")}: choose of ${SUITES.join(", ")}.`);
  return names.length === 0 ? USUAL : SUITES.filter((suite) => names.includes(suite));
}

async function main(): Promise<void> {
  const files = chosen(process.argv.slice(2)).map((suite) => path.join(__dirname, `${suite}.e2e.ts`));
  await ensurePackages(new Progress(), ["bind9-dnsutils", "openssl", "tcpdump"]);
  const commit = (await tryRun("git", ["describe", "--always", "--dirty"])).stdout.trim();
  console.log(`${new Date().toISOString()}, commit ${commit === "" ? "unknown" : commit}`);
  let passed = 0;
  const failures: string[] = [];
  let failedBefore = 0;
  // Never side by side: both have the same sandbox.
  const stream = run({ files, concurrency: 1 });
  for await (const event of stream) {
    const { type, data } = event as {
      type: string;
      data: { name: string; nesting: number; details: { duration_ms: number; error?: Error }; message: string };
    };
    if (type === "test:stdout" || type === "test:stderr") process.stdout.write(data.message);
    if (type !== "test:pass" && type !== "test:fail") continue;
    const ok = type === "test:pass";
    const seconds = (data.details.duration_ms / 1000).toFixed(0);
    // A file is reported as a test of its own, which fails with any of its tests; alone it fails when it cannot be run.
    if (data.name.endsWith(".e2e.ts")) {
      console.log(`${path.basename(data.name)}: ${seconds} s`);
      const counted = ok || failures.length > failedBefore;
      failedBefore = failures.length;
      if (counted) continue;
      failedBefore += 1;
    }
    const line = `${ok ? "✓" : "✗"} ${data.name} (${seconds} s)`;
    console.log(line);
    if (ok) {
      passed += 1;
      continue;
    }
    const { error } = data.details;
    const why = error?.cause instanceof Error ? error.cause.stack : String(error);
    console.log(why);
    failures.push(`${line}\n${why}`);
  }
  console.log(["", ...failures, `${passed} passed, ${failures.length} failed`].join("\n"));
  process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
}

main().catch(reportFailure);
