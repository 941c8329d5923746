import * as pulumi from "@pulumi/pulumi";
import type { HostSettingsConfig } from "../../config/host-settings";
import type { HostConfig } from "../../config/types";
import { HostSteps } from "../script/host-steps";
import { connectionTo } from "../script/remote-step";
import * as upkeep from "./upkeep";

export interface HostUpkeepArgs {
  readonly host: HostConfig;
  readonly settings: HostSettingsConfig;
  /** Private key of the SSH login. A secret. */
  readonly sshPrivateKey: pulumi.Input<string>;
}

export interface UpkeepArgs extends Omit<HostUpkeepArgs, "host"> {
  readonly hosts: readonly HostConfig[];
}

/**
 * The upkeep of all hosts, side by side.
 *
 * It comes last, and nothing waits for it: the engine begins no further step once one has failed, but by then all else is
 * there. A failed one ends `pulumi up` with an error, and the home runs. One component waits for all else, and its hosts
 * wait for it: were each host to wait itself, Pulumi's state would list all resources of the home once for every host.
 */
export class Upkeep extends pulumi.ComponentResource {
  constructor(name: string, { hosts, ...shared }: UpkeepArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:Upkeep", name, {}, opts);
    // They had no parent once.
    const inside = { parent: this, aliases: [{ parent: pulumi.rootStackResource }] };
    for (const host of hosts) new HostUpkeep(host.name, { host, ...shared }, inside);
    this.registerOutputs({});
  }
}

/**
 * What keeps a host well over the years: time zone, journal, trim, watchdog, security updates, sshd's settings, data
 * disks. A setting that is switched off is undone (a time zone stays).
 */
export class HostUpkeep extends HostSteps {
  constructor(name: string, { host, settings, sshPrivateKey }: HostUpkeepArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "homelab:host:HostUpkeep",
      name,
      connectionTo(host, sshPrivateKey),
      () => ({
        ...(settings.timezone === undefined ? {} : { timezone: { script: upkeep.timezoneScript(settings.timezone) } }),
        journal: { script: upkeep.journalScript(settings) },
        trim: { script: upkeep.trimScript(settings) },
        watchdog: { script: upkeep.watchdogScript(settings) },
        ssh: { script: upkeep.sshScript(settings) },
        "ssh-kept": { script: upkeep.sshKeptScript(settings) },
        // Takes long and may fail: after all that does not.
        "security-updates": { script: upkeep.securityUpdatesScript(settings), timeoutSeconds: 1200 },
        // A disk that is unplugged fails each time: last.
        ...(host.dataDisks.length === 0 ? {} : { "data-disks": { script: upkeep.dataDisksScript(host) } }),
      }),
      opts,
    );
  }
}
