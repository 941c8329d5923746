/**
 * Structural difference of two property maps in the engine's terms. Follows what the Go SDK does for plugins
 * (resource.PropertyMap.Diff and plugin.NewDetailedDiffFromObjectDiff): arrays are compared by index, a secret or an
 * asset is one value, and the result is keyed by property path.
 */
import { isAsset, isObject, isSecret, isUnknown, Properties, sameValue } from "./properties";

/** How one property changed. */
export type ChangeKind = "add" | "delete" | "update";

/** One entry of a detailed difference: the kind of change, and whether it forces replacement. */
export interface Change {
  readonly kind: ChangeKind;
  readonly replace: boolean;
}

/** Differences by property path, such as `triggers[0]` or `environment.PATH`. */
export type DetailedDiff = Record<string, Change>;

type PathElement = string | number;

/** Writes a property path: dots between plain names, brackets around indices and quoted names. */
export function propertyPath(elements: readonly PathElement[]): string {
  return elements
    .map((element, position) => {
      if (typeof element === "number") {
        return `[${element}]`;
      }
      if (/["\\.[\]]/.test(element) || element === "") {
        return `["${element.replace(/(["\\])/g, "\\$1")}"]`;
      }
      return position === 0 ? element : `.${element}`;
    })
    .join("");
}

/** First element of a property path: the name of the property at the top. */
export function pathHead(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  return quoted?.[1]?.replace(/\\(.)/g, "$1") ?? path.split(/[.[]/, 1)[0] ?? path;
}

const isComposite = (value: unknown): value is Properties =>
  isObject(value) && !isSecret(value) && !isAsset(value) && !isUnknown(value);

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

/**
 * All changes between two property maps.
 * @param replaces tells by full path whether a change there forces replacement; default: none does.
 */
export function detailedDiff(
  olds: Properties,
  news: Properties,
  replaces: (path: string) => boolean = () => false,
): DetailedDiff {
  const result: DetailedDiff = {};
  const record = (path: readonly PathElement[], kind: ChangeKind): void => {
    const key = propertyPath(path);
    result[key] = { kind, replace: replaces(key) };
  };
  const compare = (path: readonly PathElement[], left: unknown, right: unknown): void => {
    if (!isPresent(left) || !isPresent(right)) {
      if (isPresent(left) !== isPresent(right)) {
        record(path, isPresent(left) ? "delete" : "add");
      }
    } else if (Array.isArray(left) && Array.isArray(right)) {
      for (let index = 0; index < Math.max(left.length, right.length); index++) {
        compare([...path, index], left[index], right[index]);
      }
    } else if (isComposite(left) && isComposite(right)) {
      compareMembers(path, left, right);
    } else if (!sameValue(left, right)) {
      record(path, "update");
    }
  };
  const compareMembers = (path: readonly PathElement[], left: Properties, right: Properties): void => {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare([...path, key], left[key], right[key]);
    }
  };
  compareMembers([], olds, news);
  return result;
}
