import { renderScript, shellFile } from "../script/script";
import { API_LEAVING } from "./api-vip";
import { OF_NODE, nodeParameters, type NodePlan } from "./node";

const file = (name: string): string => shellFile(__dirname, name);

/**
 * Days before its end from which on a certificate is renewed. k3s itself does so when it starts within 120 days of it
 * (older releases: 90): https://docs.k3s.io/cli/certificate
 */
const RENEWAL_DAYS = 60;

/** Days before its end from which on a server does not wait for the others any more: one of them may never come back. */
const URGENT_DAYS = 7;

/** The unit that renews k3s' certificates. Its failure is among the failed units that `doctor` reports. */
export const RENEWAL_UNIT = "homelab-certificate-renewal";

const SERVICE = [
  "[Unit]",
  "Description=Restarts k3s before one of its certificates ends",
  "Documentation=https://docs.k3s.io/cli/certificate",
  "",
  "[Service]",
  "Type=oneshot",
  "ExecStart=/usr/local/lib/homelab/renew-certificates",
].join("\n");

/** Spread over the early morning; what was missed without power is made up for. */
const TIMER = [
  "[Unit]",
  "Description=Looks daily whether k3s' certificates have to be renewed",
  "",
  "[Timer]",
  "OnCalendar=*-*-* 03:00:00",
  "RandomizedDelaySec=2h",
  "Persistent=true",
  "",
  "[Install]",
  "WantedBy=timers.target",
].join("\n");

/** The program that runs on the node once a day, as a text for bash. */
export function renderRenewal(plan: NodePlan): string {
  // Servers only take turns; an agent knows no administrator.
  const admin = plan.host.role === "server" ? [file("admin-server.sh")] : [];
  const script = renderScript({
    step: "certificate-renewal",
    files: [
      ...OF_NODE,
      ...admin,
      file("planned-restart.sh"),
      file("certificate-ends.sh"),
      file("certificate-renewal.sh"),
    ],
    parameters: {
      ...nodeParameters(plan),
      leaving: API_LEAVING,
      renewal_days: RENEWAL_DAYS,
      urgent_days: URGENT_DAYS,
      patience_seconds: 60,
    },
  });
  return `#!/bin/bash\n${script.trimEnd()}`;
}

/** Installs timer, service and program. They are no part of what k3s reads, so that no node is restarted for them. */
export function certificateRenewalScript(plan: NodePlan): string {
  return renderScript({
    step: "certificate-renewal",
    files: [file("certificate-renewal-files.sh")],
    parameters: { program: renderRenewal(plan), service_unit: SERVICE, timer_unit: TIMER },
  });
}
