import type { TimedLine } from "./timed";

/** Something that happened to a resource, in seconds since `pulumi up` was started. */
export interface ResourceEvent {
  readonly name: string;
  readonly isDone: boolean;
  readonly at: number;
}

/** What the output of a non-interactive `pulumi up` says of its resources, in the order in which it came. */
export function resourceEvents(lines: readonly TimedLine[]): ResourceEvent[] {
  return lines.flatMap(({ at, text }) => {
    const [, name, what = ""] = /^\s*[+~\-@><.]+\s+\S+:\S+\s+(\S+)\s+(.*)$/.exec(text) ?? [];
    return name === undefined ? [] : [{ name, isDone: /^(created|updated|replaced|deleted) /.test(what), at }];
  });
}

/** How long each phase of a bring-up took, in seconds; together they are the whole. */
export type Phases = Readonly<Record<"start" | "hosts" | "files" | "servers" | "rest", number>>;

/**
 * Cuts a bring-up at the last host that is prepared, the last one with k3s's files, and the last server that is up.
 *
 * @throws Error naming the phase whose end the output does not tell
 */
export function phases(events: readonly ResourceEvent[], seconds: number): Phases {
  const first = events.find(({ name }) => name.endsWith("-ready"))?.at;
  if (first === undefined) throw new Error("no host was asked whether it is ready");
  const hosts = lastDone(events, "-verified");
  const files = lastDone(events, "-etcd-presence");
  const servers = lastDone(events, "-k3s-install");
  return {
    start: first,
    hosts: hosts - first,
    files: files - hosts,
    servers: servers - files,
    rest: seconds - servers,
  };
}

/** Seconds from one server's being up to the next one's, the first counted from `from`. */
export function serverTimes(events: readonly ResourceEvent[], from: number): number[] {
  const ends = events.filter(({ name, isDone }) => isDone && name.endsWith("-k3s-install")).map(({ at }) => at);
  return ends.map((end, index) => end - (ends[index - 1] ?? from));
}

function lastDone(events: readonly ResourceEvent[], step: string): number {
  const found = events.filter(({ name, isDone }) => isDone && name.endsWith(step)).at(-1);
  if (found === undefined) throw new Error(`no step ${step.slice(1)} has ended`);
  return found.at;
}
