/**
 * Shapes of the command plugin's inputs and their check: types, missing and unrecognised fields, defaults, secret marks.
 * The official plugin derives all of this from Go structs (pulumi-go-provider's infer, pulumi's mapper); the messages
 * have its wording, since they are what users search for.
 */
import { CheckFailure } from "../operation";
import { isAsset, isObject, isUnknown, Properties, reveal, secret } from "../properties";

/** Type of one field. `number` and `integer` differ only in the name that errors give them. */
export type Shape =
  | "string"
  | "number"
  | "integer"
  | "boolean"
  | "any"
  | "asset"
  | { readonly list: Shape }
  | { readonly map: Shape }
  | Struct;

/** One field of a struct. */
export interface Field {
  readonly shape: Shape;
  readonly optional?: boolean;
  readonly secret?: boolean;
  readonly default?: string | number;
}

/** A struct by the name that errors call it. */
export interface Struct {
  readonly struct: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const GO_SCALARS = { string: "string", number: "float64", integer: "int", boolean: "bool", any: "interface {}" };

function goType(shape: Shape): string {
  if (shape === "asset") {
    return "types.AssetOrArchive";
  }
  if (typeof shape === "string") {
    return GO_SCALARS[shape];
  }
  if ("list" in shape) {
    return `[]${goType(shape.list)}`;
  }
  return "map" in shape ? `map[string]${goType(shape.map)}` : shape.struct;
}

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) {
    return "[]interface {}";
  }
  if (isObject(value)) {
    return "map[string]interface {}";
  }
  return { string: "string", number: "float64", boolean: "bool" }[typeof value as string] ?? "interface {}";
}

function fits(shape: Shape, value: unknown): boolean {
  switch (shape) {
    case "any":
      return true;
    case "asset":
      return isAsset(value);
    case "string":
    case "boolean":
      return typeof value === shape;
    case "number":
    case "integer":
      return typeof value === "number";
    default:
      return "list" in shape ? Array.isArray(value) : isObject(value) && !isAsset(value);
  }
}

/** The reason why `value` does not have the shape; undefined when it does. Unknown values fit everywhere. */
function mismatch(shape: Shape, value: unknown, owner: string, key: string): string | undefined {
  const open = reveal(value);
  if (isUnknown(open)) {
    return undefined;
  }
  if (!fits(shape, open)) {
    if (isObject(open) && typeof shape === "string" && shape !== "asset") {
      const name = owner.split(".").pop();
      const type = goType(shape);
      return `An error occurred decoding '${name}.${key}': Cannot decode Object{} to type ${type}; it isn't a struct, and no custom decoder exists`;
    }
    return `Field '${key}' on '${owner}' must be a '${goType(shape)}'; got '${goTypeOf(open)}' instead`;
  }
  if (typeof shape === "string") {
    return undefined;
  }
  if ("struct" in shape) {
    const failures = structFailures(shape, open as Properties);
    const lines = failures.map(({ property, reason }) => `\n\t${property}: ${reason}`).join("");
    return failures.length === 0
      ? undefined
      : `An error occurred decoding '${owner.split(".").pop()}.${key}': ${failures.length} failures decoding:${lines}`;
  }
  if ("list" in shape) {
    return (open as unknown[])
      .map((element, index) => mismatch(shape.list, element, owner, `${key}[${index}]`))
      .find((reason) => reason !== undefined);
  }
  return Object.entries(open as Properties)
    .map(([name, element]) => mismatch(shape.map, element, owner, `${key}[${name}] value`))
    .find((reason) => reason !== undefined);
}

function structFailures(shape: Struct, values: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [key, field] of Object.entries(shape.fields)) {
    if (key in values) {
      const reason = mismatch(field.shape, values[key], shape.struct, key);
      if (reason !== undefined) {
        failures.push({ property: key, reason });
      }
    } else if (!field.optional) {
      failures.push({ property: key, reason: `Missing required field '${key}' on '${shape.struct}'` });
    }
  }
  for (const key of Object.keys(values).filter((name) => !(name in shape.fields))) {
    failures.push({ property: key, reason: `Unrecognized field '${key}' on '${shape.struct}'` });
  }
  return failures;
}

/** Fills defaults in and marks secrets, at every depth where the value's own shape allows it. */
function complete(shape: Shape, value: unknown, withDefaults: boolean): unknown {
  if (typeof shape === "string" || !("struct" in shape) || isUnknown(value)) {
    return value;
  }
  const open = reveal(value);
  if (!isObject(open)) {
    return value;
  }
  const result: Properties = { ...open };
  for (const [key, field] of Object.entries(shape.fields)) {
    if (!(key in result) && withDefaults && field.default !== undefined) {
      result[key] = field.default;
    }
    if (key in result) {
      const completed = complete(field.shape, result[key], withDefaults);
      result[key] = field.secret ? secret(completed) : completed;
    }
  }
  return open === value ? result : secret(result);
}

/**
 * Checks inputs against a struct. Secrets are marked even in inputs that fail, so that no error shows them; defaults
 * are filled in only where nothing fails.
 */
export function checkStruct(shape: Struct, news: Properties): { inputs: Properties; failures: CheckFailure[] } {
  const failures = structFailures(shape, news);
  return { inputs: complete(shape, news, failures.length === 0) as Properties, failures };
}
