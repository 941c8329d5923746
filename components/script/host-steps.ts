import * as pulumi from "@pulumi/pulumi";
import type { RemoteCommand } from "./remote-command";
import { remoteStep, type Connection, type RemoteStepArgs } from "./remote-step";

/** Steps of one host, by title in the order they run; see {@link remoteStep}. */
export type RemoteSteps = Readonly<Record<string, Omit<RemoteStepArgs, "connection">>>;

/**
 * A component whose children are steps of one host that run one after the other, each a resource named `<name>-<title>`.
 * Whoever depends on the component waits for the last of them.
 *
 * A step is described once the one before is done. It could not begin earlier, and described it would lie in memory until
 * then: some 150 promises of the SDK, for each of the thousands of steps of a home with many hosts.
 */
export class HostSteps extends pulumi.ComponentResource {
  private readonly describe: () => Promise<void>;

  constructor(
    type: string,
    name: string,
    connection: Connection,
    steps: () => RemoteSteps,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(type, name, {}, opts);
    this.describe = async () => {
      const waiting = Object.entries(steps());
      let last: RemoteCommand | undefined;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [title, step] = next;
        const dependsOn = last === undefined ? [] : [last];
        last = remoteStep(`${name}-${title}`, { connection, ...step }, { parent: this, dependsOn });
        await done(last);
      }
    };
  }

  /** The SDK calls it while the component is being constructed, has dependents wait for it, and registers the outputs. */
  protected override async initialize(): Promise<void> {
    // One turn later the constructor is over, and what is to be described is there.
    await Promise.resolve();
    await this.describe();
  }
}

function done(resource: pulumi.Resource): Promise<unknown> {
  return new Promise((resolve) => void resource.urn.apply(resolve));
}
