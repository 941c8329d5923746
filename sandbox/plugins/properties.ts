/**
 * Resource properties as they travel between the Pulumi engine and a plugin: plain JSON in which secrets, unknown
 * values and assets are marked. Follows the wire format of the Pulumi SDKs (sdk/go/common/resource/plugin/rpc.go).
 */
export type Properties = Record<string, unknown>;

/** Key that marks an object as something special: a secret, an asset, an archive. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What stands for a value that is not known yet; only sent in previews. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A file or text that a program hands to a resource; `hash` is the hex SHA-256 that the engine has filled in. */
export interface Asset {
  readonly kind: "asset" | "archive";
  readonly hash?: string;
  readonly path?: string;
  readonly text?: string;
  readonly uri?: string;
}

/** Whether `value` is a plain object (not an array, not null); marked values count too. */
export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasSignature(value: unknown, signature: string): value is Properties {
  return isObject(value) && value[SIGNATURE_KEY] === signature;
}

/** Whether `value` itself is marked secret; secrets nested deeper do not count. */
export function isSecret(value: unknown): boolean {
  return hasSignature(value, SECRET_SIGNATURE);
}

/** Marks a value secret; a value that already is one stays as it is. */
export function secret(value: unknown): unknown {
  return isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/** The value under a secret mark, or the value itself. */
export function reveal(value: unknown): unknown {
  return hasSignature(value, SECRET_SIGNATURE) ? reveal(value["value"]) : value;
}

/** A copy without any secret mark at any depth, for a handler's own use; never to be logged or sent back. */
export function revealAll(value: unknown): unknown {
  const open = reveal(value);
  if (Array.isArray(open)) {
    return open.map(revealAll);
  }
  if (isObject(open) && !isAsset(open)) {
    return Object.fromEntries(Object.entries(open).map(([key, element]) => [key, revealAll(element)]));
  }
  return open;
}

/** Whether `value` is unknown, under a secret mark or not. */
export function isUnknown(value: unknown): boolean {
  const open = reveal(value);
  return open === UNKNOWN || (hasSignature(open, OUTPUT_SIGNATURE) && !("value" in open));
}

/** Whether anything unknown hides in `value` at any depth. */
export function containsUnknown(value: unknown): boolean {
  if (isUnknown(value)) {
    return true;
  }
  const open = reveal(value);
  return (Array.isArray(open) ? open : isObject(open) ? Object.values(open) : []).some(containsUnknown);
}

/** Whether `value` is a marked asset or archive. */
export function isAsset(value: unknown): boolean {
  return hasSignature(value, ASSET_SIGNATURE) || hasSignature(value, ARCHIVE_SIGNATURE);
}

/** Reads a marked asset or archive; undefined when `value` is neither. */
export function readAsset(value: unknown): Asset | undefined {
  const open = reveal(value);
  if (!isObject(open) || !isAsset(open)) {
    return undefined;
  }
  const text = (key: string): string | undefined => (typeof open[key] === "string" ? open[key] : undefined);
  const fields = {
    hash: text("hash"),
    path: text("path") || undefined,
    text: text("text"),
    uri: text("uri") || undefined,
  };
  const present = Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
  return { kind: hasSignature(open, ARCHIVE_SIGNATURE) ? "archive" : "asset", ...present };
}

/** Marks a local file as an asset with its content's hash. */
export function fileAsset(path: string, hash: string): Properties {
  return { [SIGNATURE_KEY]: ASSET_SIGNATURE, path, hash };
}

/** Marks a map of assets as an archive. */
export function assetArchive(assets: Properties): Properties {
  return { [SIGNATURE_KEY]: ARCHIVE_SIGNATURE, assets };
}

/** A copy without absent (null or undefined) members of objects, which the wire does not carry. */
export function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => withoutAbsent(element) ?? null);
  }
  if (isObject(value)) {
    const present = Object.entries(value).filter(([, element]) => element !== undefined && element !== null);
    return Object.fromEntries(present.map(([key, element]) => [key, withoutAbsent(element)]));
  }
  return value;
}

/** Deep equality in which absent members count as missing and a secret only equals a secret. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((element, index) => sameValue(element, right[index]))
    );
  }
  if (isObject(left) && isObject(right)) {
    const leftHash = readAsset(left)?.hash;
    if (isAsset(left) && leftHash !== undefined) {
      return leftHash === readAsset(right)?.hash;
    }
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => sameValue(left[key], right[key]));
  }
  return (left ?? undefined) === (right ?? undefined);
}
