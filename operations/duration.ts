/** Lengths of time for people. */

const UNITS = [
  ["days", 24 * 60 * 60],
  ["hours", 60 * 60],
  ["minutes", 60],
] as const;

/** `89 days`, `5 hours`, `3 minutes`: rounded down, in the largest unit of which there are two or more. */
export function lifeText(seconds: number): string {
  const [name, size] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ["seconds", 1];
  return `${Math.floor(seconds / size)} ${name}`;
}
