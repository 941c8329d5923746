/** Careful reading of values of which nothing is known yet. */
import type { z } from "zod";
import type { Family } from "./addresses";

export type Pair<T> = Partial<Record<Family, T>>;

/** What `read` makes of the texts at `ipv4` and `ipv6` of `value`; without the halves that it makes nothing of. */
export function pair<T>(value: unknown, read: (text: string, family: Family) => T | undefined): Pair<T> {
  const one = (family: Family): Pair<T> => {
    const text = member(value, family);
    const result = typeof text === "string" ? read(text, family) : undefined;
    return result === undefined ? {} : { [family]: result };
  };
  return { ...one("ipv4"), ...one("ipv6") };
}

/** Own members only: a key such as "constructor" is not written anywhere. */
export function member(value: unknown, key: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string | number, unknown>)[key];
}

/** The value if the schema takes it, the schema's default if it is absent and has one; else undefined. */
export function valid<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
}

/** The list's items with their indexes; nothing if it is no list. */
export function items(value: unknown): (readonly [number, unknown])[] {
  return Array.isArray(value) ? [...(value as unknown[]).entries()] : [];
}

/** The mapping's own keys and values; nothing if it is no mapping. */
export function members(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
