/**
 * Values of MetalLB's chart, for layer 2 only. https://github.com/metallb/metallb/blob/main/charts/metallb/values.yaml
 * All of them are known to the charts of 0.14 and 0.16; docs/network-values.md says how that was checked.
 */
import { failoverTolerations, serverTolerations } from "../workload/pod";

/** MetalLB's namespace. */
export const METALLB_NAMESPACE = "metallb-system";

/** Renders the chart's values. */
export function metallbValues(): Record<string, unknown> {
  return {
    // The controller has no second replica; while it is away only new Services wait, the speakers go on announcing.
    controller: {
      tolerations: [...serverTolerations, ...failoverTolerations],
      priorityClassName: "system-cluster-critical",
      resources: { requests: { cpu: "25m", memory: "64Mi" }, limits: { cpu: "500m", memory: "192Mi" } },
    },
    speaker: {
      tolerations: serverTolerations,
      priorityClassName: "system-node-critical",
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "192Mi" } },
      // Speakers watch each other, so that the addresses of a dead node are announced by another one within seconds.
      memberlist: { enabled: true },
      // BGP, which 0.14 has in the speaker and 0.16 in a chart of its own, both on by default.
      frr: { enabled: false },
    },
    frrk8s: { enabled: false },
  };
}
