/** The resources of the `random` plugin, after terraform-provider-random 3.x as bridged by pulumi-random 4.21. */
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { hash } from "bcryptjs";
import { InputAttribute, Kind } from "../bridged";
import { Properties } from "../properties";
import { petName } from "./pet";
import { completeText, randomText, TEXT_INPUTS, validateText } from "./text";

const BCRYPT_COST = 10;
const BCRYPT_LONGEST_INPUT_BYTES = 72;

const keepers: InputAttribute = { type: "map" };
const requiredNumber: InputAttribute = { type: "number", required: true };

const text = (inputs: Properties, name: string): string => (inputs[name] as string | undefined) ?? "";

/** A hash of the first 72 bytes, which is all that bcrypt takes. */
function bcryptHash(value: string): Promise<string> {
  const bytes = Buffer.from(value).subarray(0, BCRYPT_LONGEST_INPUT_BYTES);
  // A cut within a character leaves bytes that are no text; such a tail counts as its replacement character.
  return hash(bytes.toString("utf8"), BCRYPT_COST).then((made) => made.replace(/^\$2[by]\$/, "$2a$"));
}

const string: Kind = {
  inputs: TEXT_INPUTS,
  outputs: { result: false },
  schemaVersion: 2,
  validate: validateText,
  complete: completeText,
  create(inputs) {
    const result = randomText(inputs);
    return Promise.resolve({ id: result, result });
  },
};

const password: Kind = {
  ...string,
  outputs: { result: true, bcryptHash: true },
  schemaVersion: 3,
  async create(inputs) {
    const result = randomText(inputs);
    return { id: "none", result, bcryptHash: await bcryptHash(result) };
  },
};

const id: Kind = {
  inputs: { keepers, byteLength: requiredNumber, prefix: { type: "string" } },
  outputs: { b64Url: false, b64Std: false, hex: false, dec: false },
  create(inputs) {
    const bytes = randomBytes(Number(inputs["byteLength"]));
    const prefix = text(inputs, "prefix");
    const hex = bytes.toString("hex");
    return Promise.resolve({
      id: bytes.toString("base64url"),
      b64Url: prefix + bytes.toString("base64url"),
      b64Std: prefix + bytes.toString("base64"),
      hex: prefix + hex,
      dec: prefix + BigInt(`0x${hex || "0"}`).toString(),
    });
  },
};

const bytes: Kind = {
  inputs: { keepers, length: { ...requiredNumber, atLeast: 1 } },
  outputs: { base64: true, hex: true },
  hiddenId: true,
  create(inputs) {
    const made = randomBytes(Number(inputs["length"]));
    const base64 = made.toString("base64");
    return Promise.resolve({ id: base64, base64, hex: made.toString("hex") });
  },
};

const uuid: Kind = {
  inputs: { keepers },
  outputs: { result: false },
  create() {
    const result = randomUUID();
    return Promise.resolve({ id: result, result });
  },
};

const pet: Kind = {
  inputs: {
    keepers,
    length: { type: "number", default: 2 },
    prefix: { type: "string" },
    separator: { type: "string", default: "-" },
  },
  outputs: {},
  create(inputs) {
    const separator = text(inputs, "separator");
    const prefix = text(inputs, "prefix");
    const name = petName(Number(inputs["length"]), separator);
    return Promise.resolve({ id: prefix === "" ? name : prefix + separator + name });
  },
};

/** The same seed always gives the same number, though not the one that Go's generator would give. */
function seededInteger(seed: string, minimum: number, maximum: number): number {
  const digest = createHash("sha256").update(seed).digest();
  const span = BigInt(maximum) - BigInt(minimum) + 1n;
  return minimum + Number(BigInt(`0x${digest.toString("hex")}`) % span);
}

const integer: Kind = {
  inputs: { keepers, min: requiredNumber, max: requiredNumber, seed: { type: "string" } },
  outputs: { result: false },
  create(inputs) {
    const [minimum, maximum] = [Number(inputs["min"]), Number(inputs["max"])];
    if (maximum < minimum) {
      throw new Error(
        "Create Random Integer Error: The minimum (minVal) value needs to be smaller than or equal to maximum (maxVal) value.",
      );
    }
    const seed = text(inputs, "seed");
    const result = seed === "" ? randomInt(minimum, maximum + 1) : seededInteger(seed, minimum, maximum);
    return Promise.resolve({ id: String(result), result });
  },
};

/** All kinds by type token. */
export const RANDOM_KINDS: Readonly<Record<string, Kind>> = {
  "random:index/randomPassword:RandomPassword": password,
  "random:index/randomString:RandomString": string,
  "random:index/randomId:RandomId": id,
  "random:index/randomBytes:RandomBytes": bytes,
  "random:index/randomUuid:RandomUuid": uuid,
  "random:index/randomPet:RandomPet": pet,
  "random:index/randomInteger:RandomInteger": integer,
};
