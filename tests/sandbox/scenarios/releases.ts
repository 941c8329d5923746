/** Which k3s release is asked for, and which one each node runs. */
import { lab } from "./shared";

/** Sets the release that the stack file asks for. */
export const setVersion = (version: string): void =>
  lab.edit((document) => document.setIn(["config", "homelab:cluster", "k3sVersion"], version));

/** Versions of the nodes as the API knows them, and those that take no pods. */
export interface Nodes {
  readonly versions: readonly string[];
  readonly cordoned: readonly string[];
}

export const NODES =
  "jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable};{end}";

export function parseNodes(text: string): Nodes {
  const nodes = [...text.matchAll(/(\S+) (v\S+) (true)?;/g)];
  return {
    versions: nodes.map(([, name, version]) => `${name} ${version}`).sort(),
    cordoned: nodes.flatMap(([, name = "", , cordoned]) => (cordoned === undefined ? [] : [name])),
  };
}

export const askNodes = async (): Promise<Nodes> => parseNodes(await lab.kubectl("get", "nodes", "-o", NODES));
