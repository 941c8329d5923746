/**
 * Asks targets at a steady rate until it is killed, over a new connection each time, and prints one line of JSON for each
 * outcome. Run inside the LAN by {@link Load}: `tsx generator.ts TARGETS`, the targets as JSON.
 */
import { Resolver } from "node:dns/promises";
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { TLSSocket } from "node:tls";
import { askApi, credentials } from "./api-request";
import { LIMIT_MS, type DnsTarget, type HttpsTarget, type HttpTarget, type Outcome, type Target } from "./target";

/** What one request adds to the moment it was sent and the time it took. */
type Answer = Pick<Outcome, "ok" | "detail" | "serial">;

function visit(target: HttpsTarget, ca: Buffer): Promise<Answer> {
  const { address, host, port = 443, path = "/" } = target;
  return new Promise((resolve, reject) => {
    const request = https.get({
      ...{ host: address, port, servername: host, path, headers: { host, connection: "close" } },
      // Neither a connection nor a TLS session of an earlier request is used again.
      ...{ ca, agent: false, signal: AbortSignal.timeout(LIMIT_MS) },
      rejectUnauthorized: target.expired !== "accepted",
    });
    request.on("error", reject).on("response", (response) => {
      const socket = response.socket as TLSSocket;
      const serial = socket.getPeerCertificate().serialNumber;
      // Set only where a bad certificate did not end the connection already; its type says Error, its value is a code.
      const refusal = String(socket.authorizationError);
      const trusted = ["null", "undefined", "CERT_HAS_EXPIRED"].includes(refusal);
      const ok = trusted && response.statusCode === target.status;
      const detail = trusted ? `status ${response.statusCode}` : refusal;
      response
        .on("error", reject)
        .on("end", () => resolve({ ok, detail, serial }))
        .resume();
    });
  });
}

async function ask({ address, host, answer }: DnsTarget): Promise<Answer> {
  // A resolver of its own for each question is a port of its own, so no earlier flow decides where it goes.
  const resolver = new Resolver({ timeout: LIMIT_MS, tries: 1 });
  resolver.setServers([address]);
  const found = await resolver.resolve4(host);
  return { ok: found.includes(answer), detail: found.join(" ") };
}

function fetchPlain({ address, port }: HttpTarget): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: address, port, agent: false, signal: AbortSignal.timeout(LIMIT_MS) });
    request.on("error", reject).on("response", (response) => {
      const answer = { ok: response.statusCode === 200, detail: `status ${response.statusCode}` };
      response
        .on("error", reject)
        .on("end", () => resolve(answer))
        .resume();
    });
  });
}

/** How each kind of target is asked, with what the load was given. */
function asker(caFile: string | undefined): (target: Target) => Promise<Answer> {
  const ca = caFile === undefined ? Buffer.alloc(0) : fs.readFileSync(caFile);
  let login: https.RequestOptions | undefined;
  return async (target) => {
    switch (target.kind) {
      case "dns":
        return ask(target);
      case "http":
        return fetchPlain(target);
      case "https":
        return visit(target, ca);
      case "api": {
        login ??= credentials(process.env["KUBECONFIG"] ?? "");
        const status = await askApi(target, login);
        return { ok: status === 200, detail: `status ${status}` };
      }
    }
  };
}

async function request(target: Target, put: (target: Target) => Promise<Answer>): Promise<void> {
  const at = Date.now();
  const answer = await put(target).catch((error: unknown) => ({
    ok: false,
    detail: error instanceof Error ? error.message : String(error),
  }));
  const outcome: Outcome = { target: target.name, at, took: Date.now() - at, ...answer };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

function main(): void {
  const { targets, caFile } = JSON.parse(process.argv[2] ?? "") as { targets: Target[]; caFile?: string };
  const put = asker(caFile);
  for (const target of targets) {
    const interval = 1000 / target.perSecond;
    let due = Date.now();
    // What a busy machine makes late is sent all the same: the rate stays what it says.
    setInterval(() => {
      for (; due <= Date.now(); due += interval) void request(target, put);
    }, interval);
  }
}

main();
