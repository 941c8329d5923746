import { copyFile, cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { projectDirectory } from "../paths";
import { run } from "../process";
import { type BuildContext, type Recipe, hashFile } from "../toolchain/cache";
import { controllerModules, controllerVersions } from "../toolchain/controllers";
import { goInputs, moduleDirectory } from "../toolchain/go";

/** Folder of our own chart in the project, the stand-in for Traefik's official one. */
export function traefikChart(): string {
  return join(projectDirectory(), "sandbox", "charts", "traefik");
}

/** Fills a folder with a chart, given the folder of the Go module that it belongs to. */
type Source = (module: string, chart: string) => Promise<void>;

/** The charts by the name of their Go module's folder here; each fills a folder of the chart's name. */
const charts: Readonly<Record<string, { readonly module: string; readonly fill: Source }>> = {
  metallb: { module: controllerModules.metallb, fill: metallbChart },
  "cert-manager": { module: controllerModules.certManager, fill: certManagerChart },
  traefik: { module: controllerModules.traefik, fill: traefikStandIn },
};

/** Recipe of a Helm repository: `index.yaml` and `NAME-VERSION.tgz`. https://helm.sh/docs/topics/chart_repository/ */
export async function chartsRecipe(): Promise<Recipe> {
  const modules = Object.entries(charts).map(async ([name, { module }]) => goInputs({ folder: name, package: module }));
  return {
    name: "charts",
    title: "pack the Helm charts",
    inputs: {
      layout: "1",
      modules: JSON.stringify(await Promise.all(modules)),
      standIn: await hashFolder(traefikChart()),
    },
    build: async (directory, context) => {
      const entries: Record<string, unknown[]> = {};
      for (const [name, { module, fill }] of Object.entries(charts)) {
        context.detail(name);
        const scratch = join(directory, "scratch");
        const chart = join(scratch, name);
        await mkdir(chart, { recursive: true });
        await fill(await moduleDirectory(name, module, context.logFile), chart);
        entries[name] = [await pack(chart, directory, context)];
        await rm(scratch, { recursive: true });
      }
      await writeFile(join(directory, "index.yaml"), stringify({ apiVersion: "v1", entries }));
    },
  };
}

/** The module has the chart as released, its dependencies in it. */
async function metallbChart(module: string, chart: string): Promise<void> {
  await cp(join(module, "charts", "metallb"), chart, { recursive: true });
  await run("chmod", ["-R", "u+w", chart]);
}

/** What upstream's make/manifests.mk does: versions filled in, and the CRDs as a template of their own. */
async function certManagerChart(module: string, chart: string): Promise<void> {
  const source = join(module, "deploy", "charts", "cert-manager");
  await cp(source, chart, { recursive: true });
  await run("chmod", ["-R", "u+w", chart]);
  const [template, version] = [join(chart, "Chart.template.yaml"), controllerVersions.certManager];
  const metadata = parse(await readFile(template, "utf8")) as { annotations: Record<string, string> };
  const annotations = { ...metadata.annotations, "artifacthub.io/prerelease": "false" };
  await writeFile(join(chart, "Chart.yaml"), stringify({ ...metadata, version, appVersion: version, annotations }));
  for (const left of ["Chart.template.yaml", "README.template.md", "signkey_annotation.txt"]) {
    await rm(join(chart, left));
  }
  const folder = join(module, "deploy", "crds");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort();
  const crds = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const text = ["{{- if .Values.installCRDs }}", ...crds.map((crd) => `---\n${crd.trim()}`), "{{- end }}", ""];
  await writeFile(join(chart, "templates", "crds.yaml"), text.join("\n"));
}

/** Our chart with the CRDs of the Traefik that it runs. */
async function traefikStandIn(module: string, chart: string): Promise<void> {
  await cp(traefikChart(), chart, { recursive: true });
  const reference = join(module, "docs", "content", "reference", "dynamic-configuration");
  await mkdir(join(chart, "crds"));
  await copyFile(join(reference, "kubernetes-crd-definition-v1.yml"), join(chart, "crds", "traefik.yaml"));
  await run("chmod", ["-R", "u+w", chart]);
}

/** Packs a chart and returns its entry of the repository's index. */
async function pack(chart: string, directory: string, { logFile }: BuildContext): Promise<Record<string, unknown>> {
  const metadata = parse(await readFile(join(chart, "Chart.yaml"), "utf8")) as { name: string; version: string };
  const file = `${metadata.name}-${metadata.version}.tgz`;
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
  const from = ["-C", join(chart, ".."), metadata.name];
  await run("tar", ["-cf", join(directory, file), "--use-compress-program=gzip -n", ...owner, ...from], { logFile });
  return { ...metadata, urls: [file], digest: await hashFile(join(directory, file)) };
}

async function hashFolder(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths) hash.update(`${path.slice(folder.length)}\0`).update(await readFile(path));
  return hash.digest("hex");
}
