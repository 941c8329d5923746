import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** One resource as the program registered it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** Inputs with secrets unwrapped. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Paths of the inputs that were secret, such as `connection.privateKey`; a wholly secret input is named itself. */
  readonly secretInputs: readonly string[];
  /** URN or reference of the provider that was named explicitly; empty if none was. */
  readonly provider: string;
  readonly parent: string;
  readonly dependencies: readonly string[];
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Version of the provider's plugin; empty for a component. */
  readonly version: string;
  readonly customTimeouts: { readonly create: string; readonly update: string; readonly delete: string };
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getProvider(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getProtect(): boolean;
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getReplaceonchangesList(): string[];
  getVersion(): string;
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
}

interface MockMonitor {
  registerResource(request: RegisterRequest, callback: unknown): unknown;
}

/**
 * Runs a program against Pulumi's mocks and returns all its registrations, once every one of them has been made.
 *
 * `setMocks` alone hides what a registration says beside its inputs, so the monitor's requests are read as they pass.
 */
export async function recordProgram(program: () => unknown): Promise<Registration[]> {
  const registrations: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: { ...(inputs as object), ...outputsOf(name) } }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "homelab",
    "test",
    false,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback): unknown => {
    registrations.push(read(request));
    return register(request, callback);
  };
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program() as undefined));
  // The SDK has this function but leaves it out of its published types.
  const runtime = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };
  // A component may describe a child once the one before is done: all are there when a turn brings none.
  for (let seen = -1; seen !== registrations.length;) {
    seen = registrations.length;
    await runtime.waitForRPCs();
    await setImmediate();
  }
  return registrations.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

/** Outputs that the mocked resources compute; what a real host or generator would print. */
function outputsOf(name: string): Record<string, unknown> {
  const [token] = /(?<=-)token(-\d+)?$/.exec(name) ?? [];
  return token !== undefined ? { result: secret(`the-${token}`) } : { stdout: `stdout of ${name}`, stderr: "" };
}

function secret(value: string): Record<string, unknown> {
  return { "4dabf18193072939515e22adb298388d": SECRET_SIGNATURE, value };
}

function read(request: RegisterRequest): Registration {
  const secretInputs: string[] = [];
  const timeouts = request.getCustomtimeouts();
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: unwrap(request.getObject()?.toJavaScript() ?? {}, "", secretInputs) as Record<string, unknown>,
    secretInputs,
    provider: request.getProvider(),
    parent: request.getParent(),
    dependencies: request.getDependenciesList(),
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    version: request.getVersion(),
    customTimeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
  };
}

function unwrap(value: unknown, path: string, secretInputs: string[]): unknown {
  if (Array.isArray(value)) return value.map((element, index) => unwrap(element, `${path}[${index}]`, secretInputs));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object["4dabf18193072939515e22adb298388d"] === SECRET_SIGNATURE) {
    secretInputs.push(path);
    return unwrap(object["value"], path, secretInputs);
  }
  const entries = Object.entries(object).map(([key, inner]) => {
    return [key, unwrap(inner, path === "" ? key : `${path}.${key}`, secretInputs)] as const;
  });
  return Object.fromEntries(entries);
}
