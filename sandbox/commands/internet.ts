import { ACME_SERVER, refreshAcmeRoot } from "../internet/acme";
import { changeAddresses, readAddresses } from "../internet/address-sources";
import { addressFile } from "../internet/files";
import { pluggedMembers } from "../lan/network";
import { isRunning, knownServices, startService, stopService } from "../lan/services";
import { UserError } from "../progress";

/**
 * Stops or starts one of the LAN's services, or prints which run.
 *
 * @param args Nothing, or `stop` or `start` and a service's name.
 * @throws UserError when there is no such service, or no sandbox.
 */
export async function service(args: readonly string[]): Promise<number> {
  const [verb, name, ...others] = args;
  if (verb !== undefined) {
    if ((verb !== "stop" && verb !== "start") || name === undefined || others.length > 0) {
      throw new UserError("Which service? npm run sandbox -- service stop NAME, or service start NAME");
    }
    needSandbox();
    await (verb === "stop" ? stopService(name) : startService(name));
    if (name === ACME_SERVER) await refreshAcmeRoot();
  }
  print(knownServices().map((one) => [one, isRunning(one) ? "runs" : "stopped"]));
  return 0;
}

/**
 * Prints what the sources of the home's public address answer, after a change if one is asked for.
 *
 * @param source The one source to change. Default: all of each address's family.
 * @param addresses Addresses, or `down`. Default: nothing is changed.
 * @throws UserError when an address does not fit, or there is no sandbox.
 */
export function publicAddress(source: string | undefined, addresses: readonly string[]): Promise<number> {
  needSandbox();
  const file = addressFile();
  const wanted = addresses.length > 0 || source !== undefined;
  if (wanted && addresses.length === 0) throw new UserError(`What shall ${source} answer? An address, or down.`);
  print(Object.entries(wanted ? changeAddresses(file, source, addresses) : readAddresses(file)));
  return Promise.resolve(0);
}

function print(rows: readonly (readonly string[])[]): void {
  const width = Math.max(0, ...rows.map(([name = ""]) => name.length));
  process.stdout.write(rows.map(([name = "", text]) => `${name.padEnd(width)}  ${text}\n`).join(""));
}

function needSandbox(): void {
  if (!pluggedMembers().includes("router")) throw new UserError("There is no sandbox: run npm run sandbox first.");
}
