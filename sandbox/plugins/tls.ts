/** The `tls` plugin, after pulumi-tls 5.6. */
import { bridgedHandler } from "./bridged";
import { Plugin } from "./operation";
import { servePlugin } from "./serve";
import { TLS_KINDS } from "./tls/kinds";

/** Resources by token. */
export const tlsPlugin: Plugin = {
  name: "tls",
  version: "5.6.1",
  acceptSecrets: false,
  resources: Object.fromEntries(Object.entries(TLS_KINDS).map(([token, kind]) => [token, bridgedHandler(kind)])),
};

if (require.main === module) {
  void servePlugin(tlsPlugin, process.argv.slice(2));
}
