import * as pulumi from "@pulumi/pulumi";
import type { HostSettingsConfig } from "../../config/host-settings";
import type { HostConfig } from "../../config/types";
import { connectionTo, remoteSteps } from "../script/remote-step";
import * as upkeep from "./upkeep";

export interface HostUpkeepArgs {
  readonly host: HostConfig;
  readonly settings: HostSettingsConfig;
  /** Private key of the SSH login. A secret. */
  readonly sshPrivateKey: pulumi.Input<string>;
}

/**
 * What keeps a host well over the years: time zone, journal, trim, watchdog, security updates, sshd's settings.
 *
 * It comes last, and nothing waits for it: the engine begins no further step once one has failed, but by then all else is
 * there. A failed one ends `pulumi up` with an error, and the home runs. A setting that is switched off is undone (a time
 * zone stays).
 */
export class HostUpkeep extends pulumi.ComponentResource {
  constructor(name: string, args: HostUpkeepArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:host:HostUpkeep", name, {}, opts);
    const { host, settings } = args;
    remoteSteps(
      name,
      connectionTo(host, args.sshPrivateKey),
      {
        ...(settings.timezone === undefined ? {} : { timezone: { script: upkeep.timezoneScript(settings.timezone) } }),
        journal: { script: upkeep.journalScript(settings) },
        trim: { script: upkeep.trimScript(settings) },
        watchdog: { script: upkeep.watchdogScript(settings) },
        ssh: { script: upkeep.sshScript(settings) },
        "ssh-kept": { script: upkeep.sshKeptScript(settings) },
        // Takes longest and fails most easily: last.
        "security-updates": { script: upkeep.securityUpdatesScript(settings), timeoutSeconds: 1200 },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
