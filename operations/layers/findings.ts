/** What `doctor` concludes about the layers from what the cluster's API knows. Pure. */
import type { HomelabConfig } from "../../config/types";
import type { ClusterAnswer } from "../cluster";
import type { Finding } from "../finding";
import { certificateFindings } from "./certificates";
import { missingFindings } from "./missing";
import { podFindings } from "./pods";
import { poolFindings } from "./pools";
import { releaseFindings } from "./releases";
import { updaterFindings } from "./updater";

/** All findings; none if the cluster can't be asked, which is a finding of the hosts' already. */
export function layerFindings(config: HomelabConfig, cluster: ClusterAnswer): Finding[] {
  if ("error" in cluster) return [];
  return [
    ...cluster.unanswered.map(unanswered),
    ...missingFindings(config, cluster),
    ...poolFindings(cluster),
    ...releaseFindings(cluster),
    ...certificateFindings(cluster),
    ...updaterFindings(cluster),
    ...podFindings(cluster),
  ];
}

function unanswered(question: string): Finding {
  return {
    severity: "warning",
    where: "cluster",
    what: `the API lists nodes, but did not answer for ${question}`,
    why: "what is wrong with them is not told here",
    remedy: "ask again; then `sudo journalctl -u k3s -e` on a server",
  };
}
