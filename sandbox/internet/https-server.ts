import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { parseArgs } from "node:util";
import { sourcePage } from "./address-sources";
import { CloudflareApi } from "./cloudflare/api";
import { ZoneFile } from "./cloudflare/zone-file";
import { API_NAME } from "./names";

/** What the server needs. */
export interface HttpsServerOptions {
  readonly api: CloudflareApi;
  /** File with what the sources of the public address answer. */
  readonly sources: string;
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
}

/** No request of this API is longer. */
const BODY_LIMIT = 1 << 20;

/** Web server with Cloudflare's API and the sources of the public address, each under its own host name. */
export function httpsServer({ api, sources, certificate, key }: HttpsServerOptions): Server {
  return createServer({ cert: certificate, key, minVersion: "TLSv1.2" }, (request, response) => {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    response.once("close", () => {
      process.stdout.write(`${request.method} ${host}${request.url} ${response.statusCode}\n`);
    });
    if (host === API_NAME) {
      return void answerApi(api, request, response).catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    }
    const page = sourcePage(sources, host);
    const { status, text } = page ?? { status: 404, text: "no such host\n" };
    response.writeHead(status, { "Content-Type": "text/plain", "Cache-Control": "no-store" }).end(text);
  });
}

async function answerApi(api: CloudflareApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) return void response.writeHead(413).end();
    chunks.push(chunk);
  }
  const { method = "GET", url = "/", headers } = request;
  const answer = api.answer({ method, url, headers, body: Buffer.concat(chunks).toString() });
  response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
  response.end(JSON.stringify(answer.body));
}

function main(): void {
  const text = { type: "string", default: "" } as const;
  const options = { zone: text, token: text, sources: text, certificate: text, key: text } as const;
  const { values } = parseArgs({ options: { ...options, address: { type: "string", multiple: true } } });
  const api = new CloudflareApi(new ZoneFile(values.zone), readFileSync(values.token, "utf8").trim());
  const [certificate, key] = [readFileSync(values.certificate, "utf8"), readFileSync(values.key, "utf8")];
  for (const host of values.address ?? []) {
    httpsServer({ api, sources: values.sources, certificate, key }).listen({ host, port: 443, ipv6Only: true });
  }
}

if (require.main === module) main();
