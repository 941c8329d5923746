/** Building blocks of the schema: one function per kind of field. Each one's message is a remedy of config/remedies.ts. */
import { z } from "zod";
import { canonicalAddress, parseNetwork, type Family } from "./addresses";
import { isPemBundle } from "./pem";
import { parseRange } from "./ranges";
import { fieldRemedies, type FieldRule } from "./remedies";

/** RFC 1123 label. */
export const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** One or more labels, so short that a label can still be put before them. */
export const DOMAIN = /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const QUALIFIED = String.raw`([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?`;
const LABEL_KEY = new RegExp(`^${QUALIFIED}$`);
/** A whole disk by a name that stays its own whatever else is plugged in. */
export const DISK = /^\/dev\/disk\/by-id\/(?!.*-part\d+$)[\w.:+@#=-]+$/;
const LABEL_VALUE = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/;
const TAINT = new RegExp(
  `^${QUALIFIED}(=[A-Za-z0-9]([\\w.-]{0,61}[A-Za-z0-9])?)?:(NoSchedule|PreferNoSchedule|NoExecute)$`,
);
const WEB_URL = /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/;
const HTTPS_URL = /^https:\/\/[^\s/?#@]+(\/[^\s#]*)?$/;

export function text(rule: FieldRule, pattern: RegExp): z.ZodString {
  return z.string({ error: fieldRemedies[rule] }).regex(pattern, { error: fieldRemedies[rule] });
}

/** A text that a function takes or refuses. */
export function checked(rule: FieldRule, accepts: (value: string) => boolean): z.ZodString {
  const error = fieldRemedies[rule];
  return z.string({ error }).refine(accepts, { error });
}

export function whole(rule: FieldRule, minimum: number, maximum: number): z.ZodNumber {
  const error = fieldRemedies[rule];
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

export function flag(): z.ZodBoolean {
  return z.boolean({ error: fieldRemedies.switch });
}

/** One of a few words. */
export function choice<const Words extends readonly string[]>(rule: FieldRule, words: Words) {
  return z.enum(words, { error: fieldRemedies[rule] });
}

export function list<Item extends z.ZodType>(rule: FieldRule, item: Item, minimum = 0) {
  const error = fieldRemedies[rule];
  const items = z.array(item, { error });
  return minimum === 0 ? items : items.min(minimum, { error });
}

export function address(family: Family): z.ZodString {
  return checked(`${family}-address`, (value) => canonicalAddress(value, family) !== undefined).meta({
    format: family,
  });
}

/** An address of either family. */
export function anyAddress(): z.ZodString {
  return checked("ip-address", (value) => familyOf(value) !== undefined);
}

export function cidr(family: Family): z.ZodString {
  return checked(`${family}-cidr`, (value) => parseNetwork(value, family) !== undefined);
}

export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, rule: FieldRule = "section") {
  return z.strictObject(shape, { error: fieldRemedies[rule] });
}

export const addresses = () => section({ ipv4: address("ipv4"), ipv6: address("ipv6").optional() }, "dual-stack");
export const cidrs = () => section({ ipv4: cidr("ipv4"), ipv6: cidr("ipv6").optional() }, "dual-stack");

/** `A-B` or a CIDR, of either family. */
export const addressRange = () => checked("address-range", (value) => parseRange(value) !== undefined);
export const dhcpRange = () => checked("dhcp-range", (value) => parseRange(value)?.family === "ipv4");

export const networkInterface = () => text("interface", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/);
export const labels = () =>
  z.record(text("label-key", LABEL_KEY), text("label-value", LABEL_VALUE), { error: fieldRemedies.labels });
export const taints = () => list("taints", text("taint", TAINT));

/** Flags of k3s, as its config.yaml takes them. */
export const extraFlags = () => {
  const error = fieldRemedies["k3s-flag-value"];
  const value = z.union([z.string(), z.int(), z.boolean(), z.array(z.string()).min(1)], { error });
  return z.record(text("k3s-flag", /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/), value, { error: fieldRemedies["k3s-flags"] });
};

export const webUrl = () => url("base-url", WEB_URL);
export const httpsUrl = () => url("https-url", HTTPS_URL);
/** The pattern alone would take hosts such as `a%b`. */
function url(rule: FieldRule, pattern: RegExp): z.ZodString {
  return text(rule, pattern).refine((value) => URL.canParse(value), { error: fieldRemedies[rule] });
}

export const pem = () => checked("pem", isPemBundle);

/** The family that the text is an address of, if it is one. */
export function familyOf(value: string): Family | undefined {
  const family: Family = value.includes(":") ? "ipv6" : "ipv4";
  return canonicalAddress(value, family) === undefined ? undefined : family;
}
