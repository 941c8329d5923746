// Brings node_modules to what the lockfile says, if it is not there yet. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`homelab: Node.js ${process.versions.node} is too old: install Node.js 20.19 or later`);
  process.exit(1);
}
const stamp = join(project, "node_modules", ".installed");
const wanted = createHash("sha256")
  .update(readFileSync(join(project, "package-lock.json")))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.error("homelab: installing npm packages by the lockfile …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: project, stdio: ["ignore", 2, 2] });
  if (status !== 0) {
    console.error("homelab: 'npm ci' failed; its words are above. Check the network and run the command again.");
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
