/** Regular expressions that Traefik evaluates, with Go's RE2: https://github.com/google/re2/wiki/Syntax */

/** What JavaScript takes and RE2 does not: look-around and back references. */
const NOT_IN_RE2 = /\(\?<?[=!]|\\[1-9]|\\k</;

/**
 * Whether Go will compile the expression, as far as JavaScript can tell: flags inside the expression and Unicode classes,
 * which only RE2 knows in this form, are refused although Go takes them.
 */
export function isPathRegex(text: string): boolean {
  // RE2's escape of a backslash must not look like the start of a back reference.
  if (text === "" || NOT_IN_RE2.test(text.replaceAll("\\\\", ""))) return false;
  try {
    new RegExp(text.replaceAll("(?P<", "(?<"));
    return true;
  } catch {
    return false;
  }
}
