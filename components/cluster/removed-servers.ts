import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../../config/types";

/**
 * Fails the preview if a server that the last `pulumi up` left in the cluster is missing from the config, and says what
 * to do instead. The protection of its membership would stop the deletion too, but it only knows to advise its own removal.
 */
export function refuseRemovedServers(hosts: readonly HostConfig[], gone: readonly string[]): void {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const last = new pulumi.StackReference(self).getOutput("nodes");
  void last.apply((nodes) => {
    const message = removedServersMessage(nodes, hosts, gone);
    if (message !== undefined) throw new pulumi.RunError(message);
  });
}

/**
 * What to say about servers that `nodes` (the stack's output of that name, or nothing before the first `pulumi up`) has
 * and the config has not, but for those that are known to be gone for good; nothing if there are none.
 */
export function removedServersMessage(
  nodes: unknown,
  hosts: readonly HostConfig[],
  gone: readonly string[],
): string | undefined {
  const accounted = new Set([...hosts.filter(({ role }) => role === "server").map(({ name }) => name), ...gone]);
  const known: readonly unknown[] = Array.isArray(nodes) ? nodes : [];
  const removed = known
    .filter(isServer)
    .map(({ name }) => name)
    .filter((name) => !accounted.has(name));
  if (removed.length === 0) return undefined;
  return [
    `hosts: ${removed.join(", ")} ${removed.length === 1 ? "is a server" : "are servers"} of the running cluster, but no longer in the config.`,
    "  -> Removing a server changes etcd's quorum, so `pulumi up` never does it: put its lines back.",
    "  -> Its hardware or disk was replaced: keep its lines and give it the new hostKey.",
    "  -> It shall leave for good: follow docs/operations.md, 'Removing a server', first.",
  ].join("\n");
}

function isServer(node: unknown): node is { readonly name: string } {
  return typeof node === "object" && node !== null && "role" in node && node.role === "server" && "name" in node;
}
