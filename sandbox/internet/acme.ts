import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lanAddresses } from "../lan/addresses";
import { inClient } from "../lan/client";
import { isRunning, type LanService } from "../lan/services";
import { statePaths } from "../paths";
import { run } from "../process";
import { readSandboxConfig } from "../stack/read";
import { certificateFiles, type CertificateFiles } from "./certificates";
import { ACME_PORTS, ZONE_PORT } from "./names";

/** Name of the ACME server itself among the LAN's services; what clients reach is `acme`, a front of it. */
export const ACME_SERVER = "pebble";

/** Life of an issued certificate. cert-manager renews after two thirds of it, and needs over a minute for that. */
const CERTIFICATE_SECONDS = 600;

/**
 * Settings of the ACME server pebble, which really validates DNS-01: it asks the emulated zone's own name server, so that nothing it
 * sees comes from a cache. Made predictable: it waits nowhere, refuses no nonce, and validates each order anew.
 *
 * All it knows is in its memory. After a restart it has no accounts or orders, and a new root: certificates that were
 * issued before chain to one that is gone until they are renewed, and cert-manager makes its account anew only when it
 * starts itself. Let's Encrypt forgets nothing, so an outage of it is played by stopping the front, `acme`.
 *
 * @param program Path of pebble.
 * @param router Its address, where the zone's name server is, too.
 */
export function acmeServer(program: string, router: string, files: CertificateFiles): LanService {
  const configuration = join(statePaths().internet, "pebble.json");
  const text = JSON.stringify({
    pebble: {
      listenAddress: `127.0.0.1:${ACME_PORTS.behind}`,
      managementListenAddress: `:${ACME_PORTS.management}`,
      certificate: files.certificate,
      privateKey: files.key,
      httpPort: 80,
      tlsPort: 443,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
      retryAfter: { authz: 1, order: 1 },
      profiles: { default: { description: "short-lived", validityPeriod: CERTIFICATE_SECONDS } },
    },
  });
  writeFileSync(configuration, text, { mode: 0o600 });
  const settings = ["PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=0"];
  const options = ["-config", configuration, "-dnsserver", `${router}:${ZONE_PORT}`];
  return { name: ACME_SERVER, command: ["env", ...settings, program, ...options], restartOn: text };
}

/**
 * Adds the root that pebble's certificates chain to now to the file `statePaths().acmeRoot`, for clients that validate
 * them. It is another one after each start of pebble; the former ones stay in the file, behind it, because certificates
 * of theirs are in use until they are renewed.
 *
 * @throws CommandError when pebble runs and does not answer within some seconds.
 */
export async function refreshAcmeRoot(): Promise<void> {
  const { acmeRoot, internet } = statePaths();
  if (!isRunning(ACME_SERVER)) return;
  const { router } = lanAddresses(readSandboxConfig());
  const url = `https://${router.ipv4}:${ACME_PORTS.management}/roots/0`;
  const patience = ["--max-time", "5", "--retry", "20", "--retry-delay", "1", "--retry-max-time", "20"];
  const always = ["--silent", "--show-error", "--fail", "--retry-all-errors"];
  const line = inClient("curl", [...always, ...patience, "--cacert", certificateFiles(internet).ca, url]);
  const current = (await run(line.command, line.args)).trim();
  const before = existsSync(acmeRoot) ? readFileSync(acmeRoot, "utf8") : "";
  const former = before.split(/(?<=-----END CERTIFICATE-----)\s+/).filter((root) => root !== "" && root !== current);
  writeFileSync(`${acmeRoot}.new`, [current, ...former, ""].join("\n"));
  renameSync(`${acmeRoot}.new`, acmeRoot);
}
