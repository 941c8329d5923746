import { cp, copyFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../process";
import type { Recipe } from "./cache";
import { type GoProgram, copySources, goBuild, goEnvironment, goInputs, moduleDirectory } from "./go";

/** Versions of the controllers in the cluster, as their images are tagged: the newest that Go modules can build. */
export const controllerVersions = {
  metallb: "v0.14.9",
  certManager: "v1.11.5",
  traefik: "v3.5.3",
} as const;

/** Go modules of the controllers, which hold charts and CRDs, too. */
export const controllerModules = {
  metallb: "go.universe.tf/metallb",
  certManager: "github.com/cert-manager/cert-manager",
  traefik: "github.com/traefik/traefik/v3",
} as const;

/** Programs of cert-manager; upstream names image and package after them. */
export const certManagerPrograms = ["acmesolver", "cainjector", "controller", "ctl", "webhook"] as const;

/** MetalLB as `controller` and `speaker`. */
export async function metallbRecipe(): Promise<Recipe> {
  const programs = ["controller", "speaker"].map((name): GoProgram => ({
    folder: "metallb",
    package: `${controllerModules.metallb}/${name}`,
  }));
  return programsRecipe("metallb", programs, `build MetalLB ${controllerVersions.metallb}`);
}

/** cert-manager's programs, each under its own name. */
export async function certManagerRecipe(): Promise<Recipe> {
  const module = controllerModules.certManager;
  const programs = certManagerPrograms.map((name): GoProgram => ({
    folder: "cert-manager",
    package: `${module}/cmd/${name}`,
    variables: { [`${module}/pkg/util.AppVersion`]: controllerVersions.certManager },
  }));
  return programsRecipe("cert-manager", programs, `build cert-manager ${controllerVersions.certManager}`);
}

/** A cache entry with several programs of one module, each named after the last part of its package. */
async function programsRecipe(folder: string, programs: readonly GoProgram[], title: string): Promise<Recipe> {
  const inputs = await Promise.all(programs.map((program) => goInputs(program)));
  return {
    name: folder,
    title,
    inputs: { programs: JSON.stringify(inputs) },
    build: async (directory, { logFile }) => {
      for (const program of programs) {
        await goBuild(program, join(directory, basename(program.package)), logFile);
      }
    },
  };
}

/**
 * Traefik as `traefik`, with a page of ours as its dashboard: the module has the sources of the web UI only, and without
 * any page Traefik does not start.
 */
export async function traefikRecipe(): Promise<Recipe> {
  const module = controllerModules.traefik;
  const program: GoProgram = {
    folder: "traefik",
    package: `${module}/cmd/traefik`,
    variables: { [`${module}/pkg/version.Version`]: controllerVersions.traefik.slice(1) },
  };
  return {
    name: "traefik",
    title: `build Traefik ${controllerVersions.traefik}`,
    inputs: await goInputs(program),
    build: async (directory, { logFile }) => {
      const [main, sources] = [join(directory, "main"), join(directory, "module")];
      await copySources("traefik", main);
      const upstream = await moduleDirectory("traefik", module, logFile);
      for (const part of ["go.mod", "cmd", "internal", "pkg", "webui/embed.go", "webui/static"]) {
        await cp(join(upstream, part), join(sources, part), { recursive: true });
      }
      await run("chmod", ["-R", "u+w", sources], { logFile });
      await copyFile(join(main, "index.html"), join(sources, "webui", "static", "index.html"));
      const replace = ["mod", "edit", `-replace=${module}=../module`];
      await run("go", replace, { cwd: main, logFile, env: goEnvironment() });
      await goBuild(program, join(directory, "traefik"), logFile, main);
      await rm(main, { recursive: true });
      await rm(sources, { recursive: true });
    },
  };
}
