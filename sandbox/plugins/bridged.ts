/**
 * Resources of the `random` and `tls` plugins. Officially these are Terraform providers behind Pulumi's bridge, where a
 * table of attributes decides everything: defaults, what is secret, what forces replacement. The engine sends them no
 * secret marks (the bridge does not accept any) and marks outputs itself where an input of that name was secret.
 */
import { Change, detailedDiff, DetailedDiff, pathHead } from "./diff";
import { CheckFailure, DiffRequest, ResourceHandler } from "./operation";
import { isObject, isUnknown, Properties, revealAll, secret, UNKNOWN, withoutAbsent } from "./properties";

/** One attribute that programs may set. */
export interface InputAttribute {
  readonly type: "string" | "number" | "boolean" | "strings" | "map" | "object";
  readonly required?: boolean;
  readonly default?: string | number | boolean;
  /** Marked secret in inputs and outputs. */
  readonly sensitive?: boolean;
  /** A change updates in place; default: it replaces. */
  readonly updatable?: boolean;
  /** Lowest number allowed. */
  readonly atLeast?: number;
  /** Values allowed; for a list, of each element. */
  readonly oneOf?: readonly string[];
}

/** One kind of resource. */
export interface Kind {
  readonly inputs: Readonly<Record<string, InputAttribute>>;
  /** Outputs that are no inputs; true where they are secret. */
  readonly outputs: Readonly<Record<string, boolean>>;
  /** Version that the state is marked with; absent or 0 marks none. */
  readonly schemaVersion?: number;
  /** The state has no `id` of its own beside the resource's. */
  readonly hiddenId?: boolean;
  /** Rules between attributes, on inputs that are right one by one and without secret marks. */
  validate?(inputs: Properties): readonly CheckFailure[];
  /** Values of inputs that depend on others; default: the defaults of the table. */
  complete?(inputs: Properties): Properties;
  /** Makes the outputs, `id` among them, from completed inputs without secret marks. */
  create(inputs: Properties): Promise<Properties & { id: string }>;
  /** Whether the state asks for replacement although no input changed. */
  expired?(state: Properties, plan: Properties): DetailedDiff;
  /** Refreshes the state. */
  read?(state: Properties): Properties;
}

const TYPE_NAMES = {
  string: "string",
  number: "number",
  boolean: "bool",
  strings: "list",
  map: "map",
  object: "object",
};

function hasType(attribute: InputAttribute, value: unknown): boolean {
  switch (attribute.type) {
    case "strings":
      return Array.isArray(value) && value.every((element) => isUnknown(element) || typeof element === "string");
    case "map":
    case "object":
      return isObject(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === attribute.type;
  }
}

function attributeFailure(name: string, attribute: InputAttribute, value: unknown): string | undefined {
  if (value === undefined) {
    return attribute.required ? `Missing required property '${name}'` : undefined;
  }
  if (isUnknown(value)) {
    return undefined;
  }
  if (!hasType(attribute, value)) {
    return `expected ${TYPE_NAMES[attribute.type]} for '${name}', got ${Array.isArray(value) ? "list" : typeof value}`;
  }
  if (attribute.atLeast !== undefined && (value as number) < attribute.atLeast) {
    return `Invalid Attribute Value. Attribute ${name} value must be at least ${attribute.atLeast}, got: ${value as number}`;
  }
  const allowed = attribute.oneOf;
  const wrong =
    allowed && [value as string].flat().find((element) => !isUnknown(element) && !allowed.includes(element));
  return wrong === undefined
    ? undefined
    : `Invalid Attribute Value Match. Attribute ${name} value must be one of: ${JSON.stringify(allowed)}, got: "${wrong}"`;
}

function checkInputs(kind: Kind, news: Properties): CheckFailure[] {
  const failures: CheckFailure[] = Object.entries(kind.inputs).flatMap(([name, attribute]) => {
    const reason = attributeFailure(name, attribute, news[name]);
    return reason === undefined ? [] : [{ property: name, reason }];
  });
  for (const name of Object.keys(news).filter((key) => !(key in kind.inputs) && !key.startsWith("__"))) {
    failures.push({ property: name, reason: `Unexpected property '${name}': no such argument` });
  }
  return failures.length > 0 ? failures : [...(kind.validate?.(news) ?? [])];
}

function completed(kind: Kind, inputs: Properties): Properties {
  const defaults = Object.entries(kind.inputs).map(([name, attribute]): [string, unknown] => [name, attribute.default]);
  const filled: Properties = { ...Object.fromEntries(defaults), ...inputs };
  return withoutAbsent({ ...filled, ...kind.complete?.(filled) }) as Properties;
}

function markSensitive(kind: Kind, values: Properties): Properties {
  const sensitive = (name: string): boolean => kind.inputs[name]?.sensitive ?? kind.outputs[name] ?? false;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, sensitive(name) ? secret(value) : value]),
  );
}

function stateOf(kind: Kind, inputs: Properties, outputs: Properties): Properties {
  const version = kind.schemaVersion ? { __meta: JSON.stringify({ schema_version: String(kind.schemaVersion) }) } : {};
  return markSensitive(kind, { ...version, ...inputs, ...outputs });
}

function visibleOutputs(kind: Kind, outputs: Properties): Properties {
  const { id, ...rest } = outputs;
  return kind.hiddenId ? rest : { ...rest, id };
}

/** Old state, without what is no input, so that it compares to completed inputs. */
function oldInputsOf(kind: Kind, state: Properties): Properties {
  const open = revealAll(state) as Properties;
  return Object.fromEntries(Object.entries(open).filter(([name]) => name in kind.inputs));
}

function diffKind(kind: Kind, { state, news }: DiffRequest): DetailedDiff {
  const plan = completed(kind, revealAll(news) as Properties);
  const changes = detailedDiff(oldInputsOf(kind, state), plan, (path) => !kind.inputs[pathHead(path)]?.updatable);
  return { ...changes, ...kind.expired?.(revealAll(state) as Properties, plan) };
}

/** The handler of a kind of resource. */
export function bridgedHandler(kind: Kind): ResourceHandler {
  return {
    check(news) {
      const open = revealAll(news) as Properties;
      return Promise.resolve({ inputs: markSensitive(kind, news), failures: checkInputs(kind, open) });
    },
    diff: (request) => diffKind(kind, request),
    async create(inputs, operation) {
      const plan = completed(kind, revealAll(inputs) as Properties);
      if (operation.preview) {
        const unknown = Object.fromEntries(Object.keys(kind.outputs).map((name) => [name, UNKNOWN]));
        return { id: "", properties: stateOf(kind, plan, visibleOutputs(kind, { ...unknown, id: UNKNOWN })) };
      }
      const outputs = await kind.create(plan);
      return { id: outputs.id, properties: stateOf(kind, plan, visibleOutputs(kind, outputs)) };
    },
    update({ state, news }) {
      const plan = completed(kind, revealAll(news) as Properties);
      const kept = Object.entries(state).filter(([name]) => !(name in kind.inputs));
      return Promise.resolve({ ...Object.fromEntries(kept), ...markSensitive(kind, plan) });
    },
    ...(kind.read && { read: kind.read.bind(kind) }),
  };
}

/** A change that replaces the resource at one path. */
export const replacing = (path: string): Record<string, Change> => ({ [path]: { kind: "update", replace: true } });
