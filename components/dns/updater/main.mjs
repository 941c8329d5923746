/**
 * `node main.mjs CONFIG_FILE TOKEN_FILE [API_URL]`: ends with 0 only if every record is as it should be.
 *
 * A file of its own, since a module cannot reliably tell whether it was started or imported: the files of a ConfigMap are
 * symbolic links, which Node.js resolves for the one and not for the other.
 */
import { readFileSync } from "node:fs";
import { run } from "./updater.mjs";

const API_URL = "https://api.cloudflare.com/client/v4";

const [, , configFile = "", tokenFile = "", base = API_URL] = process.argv;
const config = JSON.parse(readFileSync(configFile, "utf8"));
const token = readFileSync(tokenFile, "utf8").trim();
process.exitCode = await run({ config, token, base, fetch, log: (line) => console.log(line) });
