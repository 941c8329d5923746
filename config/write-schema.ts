/** `npm run config:schema`: writes config/stack.schema.json. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaPath, stackSchemaText } from "./json-schema";

writeFileSync(join(__dirname, "..", schemaPath), stackSchemaText());
console.log(`${schemaPath} is written`);
