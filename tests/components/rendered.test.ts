import { execFileSync, spawnSync } from "node:child_process";
import { apiVipScript } from "../../components/cluster/api-vip";
import { certificateRenewalScript, renderRenewal } from "../../components/cluster/certificate-renewal";
import * as node from "../../components/cluster/node";
import * as steps from "../../components/host/steps";
import * as upkeep from "../../components/host/upkeep";
import type { HostConfig } from "../../config/types";
import { dualStackHome, host } from "../support/homes";

const settings = dualStackHome(host(1), host(2), host(3), host(4, "agent"));
const servers = settings.hosts.filter(({ role }) => role === "server");

/** Every script that a host of either role gets, by name. */
function scriptsOf(one: HostConfig): [string, string][] {
  const plan = { host: one, settings, servers };
  const server: [string, string][] = [
    ["etcd-presence", node.etcdPresenceScript()],
    ["kubeconfig", node.kubeconfigScript(plan)],
    ["disk-latency", steps.diskLatencyScript(settings)],
    ["token-rotation", node.tokenRotationScript(plan)],
    ["version-gate", node.versionGateScript(plan)],
    ["api-vip", apiVipScript(one, servers, settings.network)],
  ];
  return [
    ["login", steps.loginScript()],
    ["ready", steps.readyScript(one)],
    ["facts", steps.factsScript(one, settings)],
    ["time", steps.timeScript(settings)],
    ["swap", steps.swapScript()],
    ["timezone", upkeep.timezoneScript("Europe/Berlin")],
    ["journal", upkeep.journalScript(settings.hostSettings)],
    ["trim", upkeep.trimScript(settings.hostSettings)],
    ["watchdog", upkeep.watchdogScript(settings.hostSettings)],
    ["data-disks", upkeep.dataDisksScript(host(1, "server", { dataDisks: ["/dev/disk/by-id/ata-one"] }))],
    ["security-updates", upkeep.securityUpdatesScript(settings.hostSettings)],
    ["ssh", upkeep.sshScript(settings.hostSettings)],
    ["ssh-kept", upkeep.sshKeptScript(settings.hostSettings)],
    ["hostname", steps.hostnameScript(one)],
    ["packages", steps.packagesScript(one)],
    ["trusted-cas", steps.trustedCAsScript(["-----BEGIN CERTIFICATE-----"])],
    ["kernel", steps.kernelScript(one, settings)],
    ["memory-cgroup", steps.memoryCgroupScript()],
    ["verified", steps.verifiedScript()],
    ["artifact", node.artifactScript(plan)],
    ["files", node.filesScript(plan)],
    ["token", node.tokenScript(plan)],
    ["certificate-renewal", certificateRenewalScript(plan)],
    ["renew-certificates", renderRenewal(plan)],
    ["install", node.installScript(plan)],
    ["rollout", node.rolloutScript(plan)],
    ["membership", node.membershipScript(plan)],
    ...(one.role === "server" ? server : []),
  ];
}

const all = settings.hosts.flatMap((one) =>
  scriptsOf(one).map(([name, text]) => [`${one.name} ${name}`, text] as const),
);

test.each(all)("%s is sound shell", (_, text) => {
  // SC2034: a shared file sets names that not every step uses. SC2086 and the like stay on.
  const check = spawnSync("shellcheck", ["--shell=bash", "--severity=warning", "--exclude=SC2034", "-"], {
    input: text,
  });
  expect(check.error).toBeUndefined();
  expect(check.stdout.toString()).toBe("");
  execFileSync("bash", ["-n"], { input: text });
});

test.each(all)("%s says nothing of the machine that renders it", (_, text) => {
  expect(text).not.toContain(process.cwd());
  expect(text).not.toMatch(/\d{4}-\d\d-\d\dT\d\d:/);
});

test.each(all.filter(([name]) => !/ (login|verified|version-gate|kubeconfig|renew-certificates)$/.test(name)))(
  "%s takes the host's lock",
  (_, text) => {
    expect(text).toMatch(/^ *take_lock$/m);
  },
);

test.each(all)("%s has no pipe whose reader may leave before its writer has ended", (_, text) => {
  expect(text).not.toMatch(/\| *grep [^|\n]*-[a-z]*q/);
});
