import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process";
import { goEnvironment, moduleDirectory } from "./go";

/** k3s' controller of network policies, as k3s' go.mod names it (and replaces it by k3s-io's fork). */
const MODULE = "github.com/cloudnativelabs/kube-router";

/** A place in a file of the module, and what is put there before it. */
interface Correction {
  readonly file: string;
  /** Occurs once in the file. */
  readonly before: string;
  readonly insertion: string;
}

/**
 * Two faults of network policies in dual-stack clusters that later releases of k3s are without. What is built with the
 * corrections depends on their text.
 *
 * Each address family's half of the controller wrote the other family's sets of pods back as it had last seen them, so
 * that allowed traffic to new pods was now and then refused for a while: here each half reads the sets before it writes
 * (https://github.com/k3s-io/k3s/issues/10053, mended in 1.27.14, 1.28.10, 1.29.5 and 1.30.1).
 *
 * A pod with an egress policy could not answer for its IPv6 address once its node had forgotten it, since neighbour
 * discovery counted as forbidden egress (https://github.com/cloudnativelabs/kube-router/issues/1895, mended in
 * September 2025).
 */
export const kubeRouterCorrections: readonly Correction[] = [
  {
    file: "policy.go",
    before: "\t\t\t// ensure there is a unique chain per network policy",
    insertion: `			if err := ipset.Save(); err != nil {
				return nil, nil, err
			}
`,
  },
  {
    file: "pod.go",
    before: "\t\t// ensure statefull firewall that permits",
    insertion: `		if ipFamily == api.IPv6Protocol {
			for _, kind := range []string{"neighbor-solicitation", "neighbor-advertisement"} {
				args = []string{"-I", podFwChainName, "1", "-p", "ipv6-icmp", "-m", "icmp6", "--icmpv6-type", kind,
					"-j", "ACCEPT", "\\n"}
				filterTableRules.WriteString(strings.Join(args, " "))
			}
		}
`,
  },
];

/**
 * Makes the build of a copied main module use a corrected kube-router.
 *
 * @param main Writable folder with go.mod.
 * @param directory Folder to put the corrected module into, beside it.
 */
export async function correctKubeRouter(main: string, directory: string, logFile: string): Promise<void> {
  await cp(await moduleDirectory("k3s", MODULE, logFile), directory, { recursive: true });
  await run("chmod", ["-R", "u+w", directory], { logFile });
  for (const { file, before, insertion } of kubeRouterCorrections) {
    const path = join(directory, "pkg", "controllers", "netpol", file);
    const text = await readFile(path, "utf8");
    if (text.split(before).length !== 2) throw new Error(`${path} is not the text that the correction is for`);
    await writeFile(
      path,
      text.replace(before, () => insertion + before),
    );
  }
  await run("go", ["mod", "edit", `-replace=${MODULE}=${directory}`], { cwd: main, logFile, env: goEnvironment() });
}
