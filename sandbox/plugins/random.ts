/** The `random` plugin, after pulumi-random 4.21. */
import { bridgedHandler } from "./bridged";
import { Plugin } from "./operation";
import { RANDOM_KINDS } from "./random/kinds";
import { servePlugin } from "./serve";

/** Resources by token. */
export const randomPlugin: Plugin = {
  name: "random",
  version: "4.21.2",
  acceptSecrets: false,
  resources: Object.fromEntries(Object.entries(RANDOM_KINDS).map(([token, kind]) => [token, bridgedHandler(kind)])),
};

if (require.main === module) {
  void servePlugin(randomPlugin, process.argv.slice(2));
}
