import type { ZoneRecord } from "./zone-file";

/** Fields of a record whose text can be searched, plainly (`name=X`) or by an operator (`name.contains=X`). */
const FIELDS = ["name", "content", "comment"] as const;

type Operator = (text: string, wanted: string) => boolean;

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/ */
const OPERATORS: Readonly<Record<string, Operator>> = {
  exact: (text, wanted) => text === wanted,
  contains: (text, wanted) => text.includes(wanted),
  startswith: (text, wanted) => text.startsWith(wanted),
  endswith: (text, wanted) => text.endsWith(wanted),
};

/**
 * The records that a list request asks for, sorted by name. Texts are compared without regard to case; `match=any` wants
 * one of the filters to fit, otherwise all must. A parameter that is unknown filters nothing, as in the real API.
 */
export function filterRecords(records: readonly ZoneRecord[], query: URLSearchParams): readonly ZoneRecord[] {
  const filters = [...query].flatMap(([key, value]) => filterOf(key, value) ?? []);
  const fits = (record: ZoneRecord) =>
    query.get("match") === "any" && filters.length > 0
      ? filters.some((filter) => filter(record))
      : filters.every((filter) => filter(record));
  const direction = query.get("direction") === "desc" ? -1 : 1;
  return records.filter(fits).sort((one, other) => direction * compare(one, other));
}

function filterOf(key: string, value: string): ((record: ZoneRecord) => boolean) | undefined {
  const wanted = value.toLowerCase();
  if (key === "type") return ({ type }) => type.toLowerCase() === wanted;
  if (key === "proxied") return ({ proxied }) => String(proxied) === wanted;
  const [name = "", operator = "exact"] = key.split(".");
  const field = FIELDS.find((one) => one === name);
  if (field === undefined) return undefined;
  if (field === "comment" && operator === "absent") return ({ comment }) => comment === null;
  if (field === "comment" && operator === "present") return ({ comment }) => comment !== null;
  const compareText = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  return compareText && ((record) => compareText((record[field] ?? "").toLowerCase(), wanted));
}

function compare(one: ZoneRecord, other: ZoneRecord): number {
  const [left, right] = [one, other].map(({ name, type, id }) => `${name} ${type} ${id}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
