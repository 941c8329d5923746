/** Rules about what k3s is told. */
import type { Draft } from "./draft";
import { itemNames, k3sMinor, k3sMinors, k3sRefusals, k3sTokenRotationFrom } from "./k3s-compatibility";
import { managedFlags, managedItems } from "./managed-flags";
import type { Finding, Rule } from "./rule";
import type { Role } from "./types";

const ROLES: readonly Role[] = ["server", "agent"];

function knownMinor({ k3sVersion }: Draft): Finding[] {
  if (k3sVersion === undefined || k3sMinors.includes(k3sMinor(k3sVersion))) return [];
  return [
    {
      path: "cluster.k3sVersion",
      found: `found ${JSON.stringify(k3sVersion)}, of which it is not known which settings it takes`,
      remedy: `choose a release of 1.${k3sMinors[0]} to 1.${k3sMinors.at(-1)}`,
    },
  ];
}

function tokenRotation({ k3sVersion, tokenGeneration = 1 }: Draft): Finding[] {
  if (k3sVersion === undefined || tokenGeneration === 1 || k3sMinor(k3sVersion) >= k3sTokenRotationFrom) return [];
  return [
    {
      path: "cluster.tokenGeneration",
      found: `found ${tokenGeneration}, but k3s ${k3sVersion} cannot change the token of a cluster`,
      remedy: `upgrade to a release of 1.${k3sTokenRotationFrom} or later first (cluster.k3sVersion), and leave it at 1 until then`,
    },
  ];
}

/** The hatch is for what homelab has no opinion about. */
function managed({ extraFlags }: Draft): Finding[] {
  return ROLES.flatMap((role) =>
    Object.entries(extraFlags?.[role] ?? {}).flatMap(([flag, value]): Finding[] => {
      const path = `cluster.extraFlags.${role}.${flag}`;
      const whole = managedFlags.get(flag);
      if (whole !== undefined) return [{ path, found: `found ${flag}, which homelab manages`, remedy: whole }];
      return itemNames(value).flatMap((item): Finding[] => {
        const remedy = managedItems.get(flag)?.get(item);
        return remedy === undefined ? [] : [{ path, found: `found ${item}, which homelab manages`, remedy }];
      });
    }),
  );
}

/** k3s does not start on a flag that it does not know: better refused here than by the first node. */
function taken({ extraFlags, k3sVersion }: Draft): Finding[] {
  if (extraFlags === undefined || k3sVersion === undefined || !k3sMinors.includes(k3sMinor(k3sVersion))) return [];
  return ROLES.flatMap((role) =>
    k3sRefusals(k3sVersion, role, extraFlags[role]).map(({ flag, item, found, remedy }): Finding => ({
      path: `cluster.extraFlags.${role}.${flag}`,
      found: `found ${item ?? flag} for k3s ${k3sVersion} (${role}): ${found}`,
      remedy,
    })),
  );
}

/** Labels of Kubernetes itself, and those of them that a kubelet may give its node: told others, it does not start. */
const KUBERNETES_OWN = /(^|\.)(kubernetes|k8s)\.io\//;
const OF_THE_KUBELET = [
  /^(.+\.)?(kubelet|node)\.kubernetes\.io\//,
  /^(topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)$/,
  /^(beta\.)?kubernetes\.io\/(os|arch)$/,
  /^kubernetes\.io\/hostname$/,
  /^beta\.kubernetes\.io\/instance-type$/,
];

/** As the kubelet judges its `--node-labels`: https://github.com/kubernetes/kubernetes/blob/master/cmd/kubelet/app/options/options.go */
function labelsOfKubernetes({ hosts }: Draft): Finding[] {
  return hosts.flatMap(({ name, labels }, index) =>
    Object.entries(labels ?? {})
      .filter(([key]) => KUBERNETES_OWN.test(key) && !OF_THE_KUBELET.some((pattern) => pattern.test(key)))
      .map(([key, value]) => ({
        path: `hosts[${index}].labels.${key}`,
        found: "found a label of Kubernetes, with which no kubelet starts",
        remedy: `take it out and set it once on the running node, where it stays: kubectl label node ${name ?? "NAME"} ${key}=${value}`,
      })),
  );
}

export const k3sRules: readonly Rule[] = [
  { name: "k3s-minor", check: knownMinor },
  { name: "token-rotation", check: tokenRotation },
  { name: "managed-flag", check: managed },
  { name: "flag-not-taken", check: taken },
  { name: "kubelet-label", check: labelsOfKubernetes },
];
