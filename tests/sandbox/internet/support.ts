/** The sandbox's "internet" on the loopback interface: real HTTPS, real files. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCertificates, type CertificateFiles } from "../../../sandbox/internet/certificates";
import { CloudflareApi } from "../../../sandbox/internet/cloudflare/api";
import { RateLimit } from "../../../sandbox/internet/cloudflare/rate-limit";
import { ZoneFile } from "../../../sandbox/internet/cloudflare/zone-file";
import { httpsServer } from "../../../sandbox/internet/https-server";
import { API_NAME } from "../../../sandbox/internet/names";

export const TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789ABC_";
export const ZONE = "home.test";

export interface Reply {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
}

export interface Call {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A server with a zone of its own in a temporary folder. */
export class Internet {
  readonly directory = mkdtempSync(join(tmpdir(), "homelab-internet-"));
  readonly zoneFile = join(this.directory, "zone.json");
  readonly sources = join(this.directory, "addresses.json");
  private files: CertificateFiles | undefined;
  private server: ReturnType<typeof httpsServer> | undefined;
  private port = 0;

  /** Starts the server, anew if it runs. */
  async start(limit?: RateLimit): Promise<string> {
    await this.stop();
    this.files = await ensureCertificates(this.directory, [API_NAME, "ipv4-a.sandbox.test"]);
    const zone = new ZoneFile(this.zoneFile).ensure(ZONE);
    const api = new CloudflareApi(new ZoneFile(this.zoneFile), TOKEN, limit);
    const [certificate, key] = [readFileSync(this.files.certificate, "utf8"), readFileSync(this.files.key, "utf8")];
    const server = httpsServer({ api, sources: this.sources, certificate, key });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    return zone.id;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    this.server = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true });
  }

  /** One request to the API, with the right token unless headers are given. */
  call(path: string, call: Call = {}): Promise<Reply> {
    const { method = "GET", host = API_NAME, headers = { Authorization: `Bearer ${TOKEN}` }, body } = call;
    const ca = readFileSync(this.files?.ca ?? "", "utf8");
    const options = { host: "127.0.0.1", port: this.port, servername: host, ca, agent: false };
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, path, method, headers: { Host: host, ...headers } }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          const json =
            response.headers["content-type"] === "application/json" ? (JSON.parse(text) as unknown) : undefined;
          resolve({ status: response.statusCode, headers: response.headers, text, json });
        });
      });
      sent.on("error", reject).end(typeof body === "string" ? body : body && JSON.stringify(body));
    });
  }
}

/** Status and first error of a refusal. */
export function refused({ status, json }: Reply): unknown {
  const { success, result, errors } = json as { success: boolean; result: unknown; errors: { code: number }[] };
  return success || result !== null ? undefined : [status, errors[0]?.code];
}
