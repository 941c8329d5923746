/** `npm run test:sandbox`: from nothing to torn down on simulated Pis, and one closing line `N passed, N failed`. */
import * as path from "node:path";
import { run } from "node:test";
import { reportFailure } from "../support/report";
import { ensurePackages } from "../../sandbox/machine/packages";
import { Progress } from "../../sandbox/progress";

async function main(): Promise<void> {
  await ensurePackages(new Progress(), ["tcpdump"]);
  let passed = 0;
  let failed = 0;
  const stream = run({ files: [path.join(__dirname, "cluster.e2e.ts")], concurrency: 1 });
  for await (const event of stream) {
    const { type, data } = event as {
      type: string;
      data: { name: string; nesting: number; details: { duration_ms: number; error?: Error }; message: string };
    };
    if (type === "test:stdout" || type === "test:stderr") process.stdout.write(data.message);
    if (type !== "test:pass" && type !== "test:fail") continue;
    const ok = type === "test:pass";
    // The file is reported as a test of its own, which fails with any of its tests; alone it fails when it cannot be run.
    if (data.name.endsWith(".e2e.ts") && (ok || failed > 0)) continue;
    passed += Number(ok);
    failed += Number(!ok);
    console.log(`${ok ? "✓" : "✗"} ${data.name} (${(data.details.duration_ms / 1000).toFixed(0)} s)`);
    const cause = data.details.error?.cause;
    if (!ok) console.log(cause instanceof Error ? cause.stack : String(data.details.error));
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

main().catch(reportFailure);
