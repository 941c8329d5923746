/**
 * The one registry of versions that a home gets unless its stack's `homelab:versions` says otherwise: an upgrade is one
 * line in one file. Last reviewed together in November 2026: each the newest release whose chart or image was found in use.
 */
export const versions = {
  /** k3s's stable channel when this was last reviewed: https://update.k3s.io/v1-release/channels */
  k3s: "v1.36.3+k3s1",
  /** Helm charts, by their repository. */
  charts: {
    metallb: { repository: "https://metallb.github.io/metallb", version: "0.16.1" },
    traefik: { repository: "https://traefik.github.io/charts", version: "41.3.0" },
    "cert-manager": { repository: "https://charts.jetstack.io", version: "v1.21.1" },
  },
  /** Container images of what we deploy without a chart, with their registry. */
  images: {
    coredns: "docker.io/coredns/coredns:1.14.7",
    /** The long-term support line; runs the updater of public records. */
    node: "docker.io/library/node:24.21.0-alpine",
    whoami: "docker.io/traefik/whoami:v1.11.0",
  },
} as const;

/** Names of the Helm charts that the program installs. */
export type ChartName = keyof typeof versions.charts;
/** Names of the images that the program runs without a chart. */
export type ImageName = keyof typeof versions.images;
