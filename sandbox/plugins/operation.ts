/** What one call of the engine gives a resource handler, and what the handler gives back. */
import { DetailedDiff } from "./diff";
import { Properties } from "./properties";

/** Severity of a message shown to the user. */
export type Severity = "debug" | "info" | "warning" | "error";

/** Context of one call. */
export interface Operation {
  readonly urn: string;
  /** The resource's name in the program: the URN's last part. */
  readonly name: string;
  /** True in a preview: nothing may be contacted or changed. */
  readonly preview: boolean;
  /** Aborted by `pulumi cancel`, by the custom timeout, or when the engine goes away; its reason is the error to report. */
  readonly signal: AbortSignal;
  /** Shows a message at the resource; a status message is only shown while it is the newest. Settles when the engine has it. */
  log(severity: Severity, message: string, status?: boolean): Promise<void>;
}

/** A wrong input, reported in the engine's own form. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** Everything a difference is decided on. */
export interface DiffRequest {
  readonly state: Properties;
  readonly oldInputs: Properties;
  readonly news: Properties;
}

/** Inputs and state of an update. */
export interface UpdateRequest extends DiffRequest {
  readonly id: string;
}

/** One type of resource. Property maps hold marked values (see properties.ts). Errors thrown are shown to the user as they are. */
export interface ResourceHandler {
  check(news: Properties, operation: Operation): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(request: DiffRequest): DetailedDiff;
  create(inputs: Properties, operation: Operation): Promise<{ id: string; properties: Properties }>;
  update(request: UpdateRequest, operation: Operation): Promise<Properties>;
  /** Default: the state as it is. */
  read?(state: Properties): Properties;
  /** Default: nothing to do. */
  delete?(state: Properties, operation: Operation): Promise<void>;
}

/** A function that programs call directly, such as `command:local:run`. */
export type FunctionHandler = (args: Properties, operation: Operation) => Promise<Properties>;

/** A plugin: its name, the version whose behaviour it follows, and its resources by type token. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** Whether handlers take secrets marked; if not, the engine unmarks inputs and marks outputs of the same name. */
  readonly acceptSecrets: boolean;
  readonly resources: Readonly<Record<string, ResourceHandler>>;
  readonly functions?: Readonly<Record<string, FunctionHandler>>;
}
