/** Files that a local command leaves behind, chosen by glob patterns (`assetPaths`, `archivePaths`). */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { assetArchive, fileAsset, Properties } from "../properties";

/** Translates a pattern: `*` stays within a path element, `**` does not, `?` is one character, `{a,b}` and `[…]` as usual. */
function globExpression(pattern: string): RegExp {
  let depth = 0;
  const source = pattern.replace(/\*\*|\*|\?|\[!?[^\]]*\]|\\.|[{},.+^$()|]/g, (token) => {
    switch (token.charAt(0)) {
      case "*":
        return token === "**" ? ".*" : "[^/]*";
      case "?":
        return "[^/]";
      case "[":
        return token.replace(/^\[!/, "[^");
      case "{":
        depth++;
        return "(?:";
      case "}":
        depth--;
        return ")";
      case ",":
        return depth > 0 ? "|" : ",";
      default:
        return token.startsWith("\\") ? token : `\\${token}`;
    }
  });
  return new RegExp(`^${source}$`, "s");
}

async function filesUnder(directory: string, prefix = ""): Promise<string[]> {
  const entries = await readdir(join(directory, prefix), { withFileTypes: true });
  const names = entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  const nested = await Promise.all(
    names.map((entry) => {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(directory, path) : Promise.resolve([path]);
    }),
  );
  return nested.flat();
}

/** Patterns apply in order to each file; one that starts with `!` takes files out again. */
async function matchingAssets(directory: string, patterns: readonly string[]): Promise<Properties> {
  const rules = patterns.map((pattern) => ({
    exclude: pattern.startsWith("!"),
    expression: globExpression(pattern.replace(/^!/, "")),
  }));
  const assets: Properties = {};
  for (const path of await filesUnder(directory)) {
    const last = rules.filter((rule) => rule.expression.test(path)).pop();
    if (last && !last.exclude) {
      const content = await readFile(join(directory, path));
      assets[path] = fileAsset(join(directory, path), createHash("sha256").update(content).digest("hex"));
    }
  }
  return assets;
}

/** Outputs `assets` and `archive` for the inputs of those patterns; nothing for inputs without any. */
export async function collectFiles(directory: string, inputs: Properties): Promise<Properties> {
  const assetPaths = inputs["assetPaths"] as string[] | undefined;
  const archivePaths = inputs["archivePaths"] as string[] | undefined;
  return {
    ...(assetPaths && { assets: await matchingAssets(directory, assetPaths) }),
    ...(archivePaths && { archive: assetArchive(await matchingAssets(directory, archivePaths)) }),
  };
}
