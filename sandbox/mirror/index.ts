import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type DebianSources, debianSources } from "../image/sources";
import type { LanService } from "../lan/services";
import { stateDirectory } from "../paths";
import type { Progress } from "../progress";
import { ensureEntry } from "../toolchain/cache";
import { corednsRecipe } from "../toolchain/recipes";
import { chartsRecipe } from "./charts";
import { debianRecipe } from "./debian";
import { type MirrorAddresses, corefile, zoneFile } from "./dns";
import { imagesRecipe } from "./images";
import { k3sRecipe } from "./k3s";
import type { MirrorContent } from "./server";

/** Where the LAN's mirror finds what it serves. */
export interface Mirror extends MirrorContent {
  /** Path of the CoreDNS program, the LAN's name server. */
  readonly coredns: string;
  /** Whose repositories' host names the name server answers for. */
  readonly sources: DebianSources;
}

/**
 * Makes sure that all is there which the simulated hosts download: k3s, Debian packages, charts, container images.
 *
 * @throws UserError when apt knows no Debian release; CommandError when a build or a download fails.
 */
export async function ensureMirror(progress: Progress): Promise<Mirror> {
  const sources = await debianSources();
  return {
    debian: await ensureEntry(await debianRecipe(sources), progress),
    k3s: await ensureEntry(await k3sRecipe(sources), progress),
    charts: await ensureEntry(await chartsRecipe(), progress),
    images: await ensureEntry(await imagesRecipe(sources), progress),
    coredns: join(await ensureEntry(await corednsRecipe(), progress), "coredns"),
    sources,
  };
}

/**
 * Processes to run in the router's network namespace: `mirror` (HTTP on port 80, registry on port 5000) and `dns`
 * (port 53). They write the requests to standard output and run until they are ended. The name server's configuration
 * is written to the sandbox's state directory here.
 */
export function mirrorServices(mirror: Mirror, addresses: MirrorAddresses): readonly LanService[] {
  const directory = join(stateDirectory(), "dns");
  const [configuration, zone] = [join(directory, "Corefile"), join(directory, "zone")];
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const settings = corefile(zone, addresses.forward);
  replaceFile(configuration, settings);
  replaceFile(zone, zoneFile(mirror.sources, addresses));
  const loader = pathToFileURL(require.resolve("tsx")).href;
  const folders = { k3s: mirror.k3s, charts: mirror.charts, debian: mirror.debian, images: mirror.images };
  const content = Object.entries(folders).flatMap(([name, folder]) => [`--${name}`, folder]);
  return [
    { name: "mirror", command: [process.execPath, "--import", loader, join(__dirname, "server.ts"), ...content] },
    { name: "dns", command: [mirror.coredns, "-conf", configuration], restartOn: settings },
  ];
}

/** The name server may read the file at any time, so it must never see half of it. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
