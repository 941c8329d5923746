/** The JSON Schema of a Pulumi.<stack>.yaml file, generated from the schema that the program itself checks with. */
import { z } from "zod";
import { homelabSchema } from "./schema";
import { secretKinds, secretNames } from "./secrets";

/** Path of the generated file, relative to the project. */
export const schemaPath = "config/stack.schema.json";

type JsonObject = Record<string, unknown>;

/** The text of config/stack.schema.json. Editors get completion, defaults and descriptions from it. */
export function stackSchemaText(): string {
  return `${JSON.stringify(stackSchema(), undefined, 2)}\n`;
}

function stackSchema(): JsonObject {
  const homelab = z.toJSONSchema(homelabSchema, { io: "input", target: "draft-7" }) as {
    properties: JsonObject;
    required: string[];
  };
  const prefixed = (name: string): string => `homelab:${name}`;
  const sections = Object.entries(homelab.properties).map(([name, schema]) => [prefixed(name), schema]);
  const secrets = secretKinds.map(({ name, description }) => [prefixed(name), { description, ...encrypted }]);
  const known = [...Object.keys(homelab.properties), ...secretNames];
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Pulumi stack of the homelab project",
    type: "object",
    required: ["config"],
    // Beside `config` Pulumi ignores it without a word.
    patternProperties: { [`^${prefixed("")}`]: false },
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries([...sections, ...secrets]) as JsonObject,
        required: homelab.required.map(prefixed),
        // Other namespaces (pulumi:…) are none of our business; in ours an unknown name is a mistake.
        patternProperties: { [`^homelab:(?!(${known.join("|")})$)`]: false },
      },
    },
  };
}

const encrypted: JsonObject = {
  type: "object",
  required: ["secure"],
  additionalProperties: false,
  properties: { secure: { type: "string" } },
};
