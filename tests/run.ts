/** `npm test`: all checks that need no simulated Pi, cheapest first, and one closing line `N passed, N failed`. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ensurePackages } from "../sandbox/machine/packages";
import { statePaths } from "../sandbox/paths";
import { tryRun } from "../sandbox/process";
import { installPlugins } from "../sandbox/plugins/install";
import { Progress } from "../sandbox/progress";
import { ensureToolchain } from "../sandbox/toolchain";
import { reportFailure } from "./support/report";

const project = path.resolve(__dirname, "..");
const bin = path.join(project, "node_modules/.bin");

interface Count {
  passed: number;
  failed: number;
}

/** One command is one check. */
async function check(title: string, command: string, ...args: readonly string[]): Promise<Count> {
  const { exitCode, stdout, stderr } = await tryRun(path.join(bin, command), args, { cwd: project });
  const passed = exitCode === 0;
  const verdict = passed ? "fine" : "FAILED, see above (npm run format mends most of format's)";
  console.log(`\n${stdout}${stderr}${title}: ${verdict}`);
  return { passed: Number(passed), failed: Number(!passed) };
}

/** Runs jest; a suite that cannot even start counts as a failure. */
function jest(title: string, config: string, env: NodeJS.ProcessEnv = process.env): Count {
  console.log(`\n${title}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-jest-"));
  const report = path.join(folder, "report.json");
  const args = ["--config", config, "--json", "--outputFile", report, "--silent=false"];
  spawnSync(path.join(bin, "jest"), args, { cwd: project, stdio: "inherit", env });
  try {
    const result = JSON.parse(fs.readFileSync(report, "utf8")) as Record<string, number>;
    const failed = (result["numFailedTests"] ?? 0) + (result["numRuntimeErrorTestSuites"] ?? 0);
    return { passed: result["numPassedTests"] ?? 0, failed: failed + (result["numPendingTests"] ?? 0) };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function tools(): Promise<string> {
  const progress = new Progress();
  await ensurePackages(progress, ["shellcheck"]);
  const toolchain = await ensureToolchain(progress);
  const { plugins } = statePaths();
  if (toolchain.how === "built") {
    fs.mkdirSync(plugins, { recursive: true });
    await installPlugins(plugins);
  }
  return [toolchain.binDirectory, plugins].join(path.delimiter);
}

async function main(): Promise<void> {
  const toolPath = await tools();
  // Each of these has one processor only.
  const checks = await Promise.all([
    check("Format", "prettier", "--check", "--log-level", "warn", "."),
    check("Lint", "eslint", "."),
    check("Types", "tsc"),
  ]);
  const counts = [
    ...checks,
    jest("Unit tests", "jest.config.js"),
    jest("Engine tests", "jest.engine.config.js", { ...process.env, HOMELAB_TEST_TOOLS: toolPath }),
  ];
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

main().catch(reportFailure);
