import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process";
import { goEnvironment, moduleDirectory } from "./go";

/** k3s' controller of network policies, as k3s' go.mod names it (and replaces it by k3s-io's fork). */
const MODULE = "github.com/cloudnativelabs/kube-router";

const POLICIES = join("pkg", "controllers", "netpol", "policy.go");
const BEFORE = "for ipFamily, ipset := range npc.ipSetHandlers {\n\t\t\t// ensure";
/** The corrected text; what is built with it depends on it. */
export const KUBE_ROUTER_CORRECTION = `for ipFamily, ipset := range npc.ipSetHandlers {
			if err := ipset.Save(); err != nil {
				return nil, nil, err
			}
			// ensure`;

/**
 * Makes the build of a copied main module use a corrected kube-router.
 *
 * Before k3s 1.27.14, 1.28.10, 1.29.5 and 1.30.1, in a dual-stack cluster, each address family's half of the controller
 * wrote the other family's sets of pods back as it had last seen them, so that allowed traffic to new pods was now and
 * then refused for a while (https://github.com/k3s-io/k3s/issues/10053). Here each half reads the sets before it writes.
 *
 * @param main Writable folder with go.mod.
 * @param directory Folder to put the corrected module into, beside it.
 */
export async function correctKubeRouter(main: string, directory: string, logFile: string): Promise<void> {
  await cp(await moduleDirectory("k3s", MODULE, logFile), directory, { recursive: true });
  await run("chmod", ["-R", "u+w", directory], { logFile });
  const file = join(directory, POLICIES);
  const text = await readFile(file, "utf8");
  if (text.split(BEFORE).length !== 2) throw new Error(`${file} is not the text that the correction is for`);
  await writeFile(file, text.replace(BEFORE, KUBE_ROUTER_CORRECTION));
  await run("go", ["mod", "edit", `-replace=${MODULE}=${directory}`], { cwd: main, logFile, env: goEnvironment() });
}
