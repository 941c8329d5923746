import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectDirectory } from "../paths";

/**
 * The runtime options of Pulumi.yaml as environment variables.
 *
 * Today's engine hands them to the language host in its requests; the one that can be built from Go modules is older and
 * reads flags instead, which no engine gives it any more. Both hand this environment on to Node.js.
 */
export function languageHostEnvironment(): Record<"NODE_OPTIONS" | "PULUMI_NODEJS_TSCONFIG_PATH", string> {
  const project = parse(readFileSync(join(projectDirectory(), "Pulumi.yaml"), "utf8")) as {
    runtime: { options: { tsconfig: string; nodeargs: string } };
  };
  const { tsconfig, nodeargs } = project.runtime.options;
  return { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig, NODE_OPTIONS: nodeargs };
}
