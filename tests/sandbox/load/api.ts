import * as fs from "node:fs";
import * as path from "node:path";
import { statePaths } from "../../../sandbox/paths";
import { until, type Lab } from "../lab";
import { credentials } from "./api-request";
import { Load, describe, type Figures } from "./load";
import type { Target } from "./target";

/** The API at its own address, asked by somebody whom it does not know: that it says so is an answer. */
const API: Target = {
  ...{
    kind: "https",
    name: "API at its address",
    address: "192.0.2.10",
    port: 6443,
    host: "kubernetes",
    path: "/readyz",
  },
  ...{ status: 401, perSecond: 10 },
};

/** How long is measured at least after the change, in seconds: the address has moved by then, or stays. */
const SETTLED_SECONDS = 20;

/**
 * Asks the API at its address ten times a second while something is done to its holder, and until it has answered in time for
 * a while; prints what was seen.
 */
export async function apiDuring(lab: Lab, what: string, change: () => Promise<void>): Promise<Figures> {
  return (await apiAndOthersDuring(lab, what, [], change)).api;
}

/** The same, and other targets beside it; their figures in their order. */
export async function apiAndOthersDuring(
  lab: Lab,
  what: string,
  others: readonly Target[],
  change: () => Promise<void>,
): Promise<{ readonly api: Figures; readonly others: readonly Figures[] }> {
  const load = await Load.start(lab, certificateAuthority(lab), [API, ...others]);
  try {
    const from = Date.now();
    await change();
    const changedAt = Date.now();
    await until("the API answering calmly at its address", 120, () =>
      Promise.resolve(Date.now() > changedAt + SETTLED_SECONDS * 1000 && load.calmFor(5)),
    );
    const seen = (name: string): Figures => {
      const figures = load.figures(name, from);
      console.error(`${name}, ${what}: ${describe(figures)}`);
      return figures;
    };
    return { api: seen(API.name), others: others.map(({ name }) => seen(name)) };
  } finally {
    load.stop();
  }
}

/** Writes the cluster's authority, as the kubeconfig has it, to a file. */
function certificateAuthority(lab: Lab): string {
  const file = path.join(lab.directory, "api-ca.pem");
  fs.writeFileSync(file, credentials(statePaths().kubeconfig).ca);
  return file;
}
