import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MemberAddresses } from "../lan/addresses";
import type { LanService } from "../lan/services";
import { ensureDirectory, statePaths } from "../paths";
import type { Progress } from "../progress";
import { ensureEntry } from "../toolchain/cache";
import { pebbleRecipe } from "../toolchain/recipes";
import { acmeServer } from "./acme";
import { ensureCertificates } from "./certificates";
import { ZoneFile } from "./cloudflare/zone-file";
import { addressFile, ensureToken, tokenFile } from "./files";
import { ACME_PORTS, internetNames, ZONE_PORT } from "./names";

/** What the "internet" is made for. */
export interface InternetOptions {
  /** Path of pebble. */
  readonly pebble: string;
  /** Domain of the home, the emulated zone. */
  readonly domain: string;
  /** Addresses where all of it is. */
  readonly router: MemberAddresses;
}

/** Makes sure that the programs are there. @returns Path of pebble. */
export async function ensureInternet(progress: Progress): Promise<string> {
  return join(await ensureEntry(await pebbleRecipe(), progress), "pebble");
}

/**
 * Services of the router's namespace that stand for the internet beyond it: `cloudflare` (its API, and the sources of the
 * public address, by HTTPS), `zone` (the home's zone over DNS), `pebble` and `acme`, by which clients reach it.
 * Certificates, token and the zone's file are made here; they stay until `down`.
 */
export async function internetServices({ pebble, domain, router }: InternetOptions): Promise<readonly LanService[]> {
  const directory = ensureDirectory(statePaths().internet);
  const zone = join(directory, "zone.json");
  ensureToken();
  new ZoneFile(zone).ensure(domain);
  const addresses = router.ipv6 === undefined ? [router.ipv4] : [router.ipv4, router.ipv6];
  const files = await ensureCertificates(directory, [...Object.keys(internetNames(router)), ...addresses]);
  const certificate = readFileSync(files.certificate, "utf8");
  const at = addresses.flatMap((address) => ["--address", address]);
  const web = ["--zone", zone, "--token", tokenFile(), "--sources", addressFile()];
  const tls = ["--certificate", files.certificate, "--key", files.key];
  const acme = acmeServer(pebble, router.ipv4, files);
  const ports = ["--port", String(ACME_PORTS.clients), "--to", String(ACME_PORTS.behind)];
  return [
    { name: "cloudflare", command: [...script("https-server.ts"), ...web, ...tls, ...at], restartOn: certificate },
    { name: "zone", command: [...script("dns-server.ts"), "--zone", zone, "--port", String(ZONE_PORT), ...at] },
    { ...acme, restartOn: `${acme.restartOn}${certificate}` },
    { name: "acme", command: [...script("front.ts"), ...ports, ...at] },
  ];
}

function script(name: string): readonly string[] {
  const loader = pathToFileURL(require.resolve("tsx")).href;
  return [process.execPath, "--import", loader, join(__dirname, name)];
}
