/**
 * The one registry of versions that a home gets unless its stack says otherwise.
 * Charts and images of later layers belong here too, so that an upgrade is one line in one file.
 */
export const versions = {
  /** k3s's stable channel when this was last reviewed: https://update.k3s.io/v1-release/channels */
  k3s: "v1.36.3+k3s1",
} as const;
