/**
 * Asks targets at a steady rate until it is killed, over a new connection each time, and prints one line of JSON for each
 * outcome. Run inside the LAN by {@link Load}: `tsx generator.ts TARGETS`, the targets as JSON.
 */
import { Resolver } from "node:dns/promises";
import * as fs from "node:fs";
import * as https from "node:https";
import type { TLSSocket } from "node:tls";
import { LIMIT_MS, type HttpsTarget, type Outcome, type Target } from "./target";

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

async function ask({ address, host, answer }: Extract<Target, { kind: "dns" }>): Promise<Answer> {
  // A resolver of its own for each question is a port of its own, so no earlier flow decides where it goes.
  const resolver = new Resolver({ timeout: LIMIT_MS, tries: 1 });
  resolver.setServers([address]);
  const found = await resolver.resolve4(host);
  return { ok: found.includes(answer), detail: found.join(" ") };
}

async function request(target: Target, ca: Buffer): Promise<void> {
  const at = Date.now();
  const answer = await (target.kind === "dns" ? ask(target) : visit(target, ca)).catch((error: unknown) => ({
    ok: false,
    detail: error instanceof Error ? error.message : String(error),
  }));
  const outcome: Outcome = { target: target.name, at, took: Date.now() - at, ...answer };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

function main(): void {
  const { targets, caFile } = JSON.parse(process.argv[2] ?? "") as { targets: Target[]; caFile: string };
  const ca = fs.readFileSync(caFile);
  for (const target of targets) {
    const interval = 1000 / target.perSecond;
    let due = Date.now();
    // What a busy machine makes late is sent all the same: the rate stays what it says.
    setInterval(() => {
      for (; due <= Date.now(); due += interval) void request(target, ca);
    }, interval);
  }
}

main();
