import { setTimeout as sleep } from "node:timers/promises";
import { discardDisk, ensureDisk } from "../host/disk";
import { isPowered, powerOff, powerOn, waitForSsh } from "../host/power";
import { ensureBaseDisk } from "../image";
import { ensureInternet, internetServices } from "../internet";
import { refreshAcmeRoot } from "../internet/acme";
import { internetNames, ZONE_PORT } from "../internet/names";
import { lanAddresses, type LanAddresses } from "../lan/addresses";
import { ensureLan, isPluggedIn } from "../lan/network";
import { ensureServices } from "../lan/services";
import { joinGroup } from "../machine/cgroups";
import { checkMachine } from "../machine/checks";
import { ensurePackages } from "../machine/packages";
import { ensureMirror, mirrorServices } from "../mirror";
import { ensureDirectory, statePaths } from "../paths";
import { installPlugins } from "../plugins/install";
import { seconds, UserError, type Progress } from "../progress";
import { ensureStack, deploy, refreshKubeconfig } from "../stack/deploy";
import { renderEffectiveStack } from "../stack/effective";
import { rememberTools } from "../stack/environment";
import { readSandboxConfig, type SandboxConfig, type SandboxHost } from "../stack/read";
import { ensureToolchain } from "../toolchain";
import { readStatus } from "./status";
import { printSummary } from "./summary";

/** A node that is not Ready by then has a fault that waiting does not mend. */
const READY_LIMIT_SECONDS = 180;

/** How far `up` goes. */
export interface UpOptions {
  /** False: hosts and LAN only, the program is not run. */
  readonly deploy: boolean;
}

/**
 * Makes all that is missing, from Debian packages to a running cluster; what is there already is left alone.
 *
 * @throws UserError or CommandError of the first step that fails; what was made by then stays and is used next time.
 */
export async function up(progress: Progress, options: UpOptions): Promise<void> {
  const startedAt = Date.now();
  ensureDirectory(statePaths().root);
  const config = readSandboxConfig();
  const lan = lanAddresses(config);
  await checkMachine(progress, config.hosts.length);
  joinGroup("command");
  await ensurePackages(progress);

  const toolchain = await ensureToolchain(progress);
  progress.note(`Pulumi CLI and plugins: ${toolchain.how}.`);
  const plugins = ensureDirectory(statePaths().plugins);
  if (toolchain.how === "built") await installPlugins(plugins);
  rememberTools({ directories: [toolchain.binDirectory, plugins], how: toolchain.how });
  const baseDisk = await ensureBaseDisk(progress);
  const mirror = await ensureMirror(progress);
  const pebble = await ensureInternet(progress);

  await progress.step("LAN", async (logFile) => {
    await ensureLan(lan, logFile);
    const { router } = lan;
    const hosts = Object.fromEntries(config.hosts.map((host) => [host.name, addressesIn(host)]));
    const forward = { zone: config.domain, to: `${router.ipv4}:${ZONE_PORT}` };
    const names = { ...hosts, ...internetNames(router) };
    const stopped = await ensureServices([
      ...mirrorServices(mirror, { address: router.ipv4, ipv6: router.ipv6, names, forward }),
      ...(await internetServices({ pebble, domain: config.domain, router })),
    ]);
    stopped.forEach((name) => progress.note(`${name} stays stopped: npm run sandbox -- service start ${name}`));
    await refreshAcmeRoot();
  });
  await Promise.all(config.hosts.map((host) => ensureHost(progress, host, lan, baseDisk)));
  renderEffectiveStack();
  await progress.step("Pulumi stack", (logFile) => ensureStack(progress, logFile));
  if (!options.deploy) return progress.note(`Ready for pulumi after ${seconds(startedAt)}.`);

  const resources = await progress.step("pulumi up", (logFile, detail) => deploy(progress, logFile, detail));
  progress.note(resources);
  await progress.step("kubeconfig", (logFile) => refreshKubeconfig(logFile));
  await waitForNodes(progress);
  await printSummary(progress, startedAt, config.nameServer);
}

/** Hosts that just got power back need a while: the program finds nothing to change, and k3s is still starting. */
async function waitForNodes(progress: Progress): Promise<void> {
  const unready = async () => (await readStatus()).hosts.filter(({ ready }) => ready !== true).map(({ name }) => name);
  if ((await unready()).length === 0) return;
  await progress.step("Nodes ready", async (_, detail) => {
    const deadline = Date.now() + READY_LIMIT_SECONDS * 1000;
    for (let names = await unready(); names.length > 0; names = await unready()) {
      detail(names.join(", "));
      if (Date.now() > deadline) {
        const hint = "npm run --silent sandbox -- exec -- kubectl describe node";
        throw new UserError(`Not Ready after ${READY_LIMIT_SECONDS} s: ${names.join(", ")}; see ${hint} ${names[0]}`);
      }
      await sleep(1000);
    }
  });
}

function addressesIn({ address, ipv6 }: SandboxHost): readonly string[] {
  return ipv6 === undefined ? [address] : [address, ipv6];
}

/** Gives a host of the config a disk and power, and waits for its sshd. */
async function ensureHost(progress: Progress, host: SandboxHost, lan: LanAddresses, baseDisk: string): Promise<void> {
  await progress.step(`Host ${host.name}`, async (logFile) => {
    // Powered but without a cable: the LAN was removed under it.
    if (isPowered(host.name) && !(await isPluggedIn(host.name))) await powerOff(host.name);
    await ensureDisk(host, lan, baseDisk, logFile);
    await powerOn(host.name);
    await waitForSsh(host);
  });
}

/** Puts a new card into a host: power off, disk and keys away, a new image, power on. */
export async function reimage(progress: Progress, config: SandboxConfig, host: SandboxHost): Promise<void> {
  joinGroup("command");
  const baseDisk = await ensureBaseDisk(progress);
  await powerOff(host.name);
  discardDisk(host.name);
  await ensureHost(progress, host, lanAddresses(config), baseDisk);
  renderEffectiveStack();
}
