/** Random text as terraform-provider-random makes it: minimum counts per class, the rest from all classes, shuffled. */
import { randomInt } from "node:crypto";
import { CheckFailure } from "../operation";
import { InputAttribute } from "../bridged";
import { isUnknown, Properties } from "../properties";

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const flag: InputAttribute = { type: "boolean", default: true };
const minimum: InputAttribute = { type: "number", default: 0 };

/** Inputs of RandomString and RandomPassword. */
export const TEXT_INPUTS: Readonly<Record<string, InputAttribute>> = {
  keepers: { type: "map" },
  length: { type: "number", required: true, atLeast: 1 },
  special: flag,
  upper: flag,
  lower: flag,
  // Two names of the same; either one sets both.
  number: { type: "boolean" },
  numeric: { type: "boolean" },
  minNumeric: minimum,
  minUpper: minimum,
  minLower: minimum,
  minSpecial: minimum,
  overrideSpecial: { type: "string" },
};

/** `number` and `numeric` follow each other and are true by default. */
export function completeText(inputs: Properties): Properties {
  const value = inputs["numeric"] ?? inputs["number"] ?? true;
  return { number: inputs["number"] ?? value, numeric: inputs["numeric"] ?? value };
}

/** Rules between the inputs. */
export function validateText(inputs: Properties): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  const count = (name: string): number => (typeof inputs[name] === "number" ? inputs[name] : 0);
  const minimums = ["minUpper", "minLower", "minNumeric", "minSpecial"].reduce((sum, name) => sum + count(name), 0);
  if (!isUnknown(inputs["length"]) && count("length") < minimums) {
    const reason = `Attribute length value must be at least sum of minUpper + minLower + minNumeric + minSpecial, got: ${count("length")}`;
    failures.push({ property: "length", reason });
  }
  const { number, numeric } = inputs;
  if (number !== undefined && numeric !== undefined && number !== numeric && ![number, numeric].some(isUnknown)) {
    const reason =
      "Number and numeric are both configured with different values: number is deprecated, use numeric instead";
    failures.push({ property: "number", reason });
  }
  const switches = [inputs["special"], inputs["upper"], inputs["lower"], numeric ?? number];
  if (switches.every((value) => value === false)) {
    failures.push({ property: "numeric", reason: "At least one of special, upper, lower, numeric must be true" });
  }
  return failures;
}

function pick(characters: string, count: number): string[] {
  const set = [...characters];
  return Array.from({ length: Math.max(0, count) }, () => set[randomInt(set.length)] ?? "");
}

function shuffle(items: string[]): string[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] ?? "", items[last] ?? ""];
  }
  return items;
}

/** Makes the text from completed inputs. */
export function randomText(inputs: Properties): string {
  const number = (name: string): number => Number(inputs[name]);
  const special = (inputs["overrideSpecial"] as string | undefined) || SPECIAL;
  const classes: [boolean, string][] = [
    [inputs["upper"] === true, UPPER],
    [inputs["lower"] === true, LOWER],
    [inputs["numeric"] === true, DIGITS],
    [inputs["special"] === true, special],
  ];
  const all = classes.map(([wanted, characters]) => (wanted ? characters : "")).join("");
  if (all === "") {
    throw new Error("the character set specified is empty");
  }
  const minimums = [
    ...pick(DIGITS, number("minNumeric")),
    ...pick(LOWER, number("minLower")),
    ...pick(UPPER, number("minUpper")),
    ...pick(special, number("minSpecial")),
  ];
  return shuffle([...minimums, ...pick(all, number("length") - minimums.length)]).join("");
}
