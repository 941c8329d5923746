import { installPlugins } from "../sandbox/plugins/install";
import { ensureDirectory, statePaths } from "../sandbox/paths";
import { Progress } from "../sandbox/progress";
import { ensureToolchain } from "../sandbox/toolchain";

/** Makes the Pulumi CLI and its plugins ready as `npm run sandbox` does; folders for PATH. */
export async function tools(): Promise<readonly string[]> {
  const toolchain = await ensureToolchain(new Progress());
  const plugins = ensureDirectory(statePaths().plugins);
  if (toolchain.how === "built") await installPlugins(plugins);
  return [toolchain.binDirectory, plugins];
}
