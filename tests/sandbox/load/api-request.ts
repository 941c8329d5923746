/** Requests to the Kubernetes API over a connection of their own, with the administrator's certificate. */
import * as fs from "node:fs";
import * as https from "node:https";
import { parse } from "yaml";
import { API_OBJECT, LIMIT_MS, type ApiTarget } from "./target";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly "certificate-authority-data": string } }[];
  readonly users: readonly {
    readonly user: { readonly "client-certificate-data": string; readonly "client-key-data": string };
  }[];
}

/** What a TLS connection to the API needs, as a kubeconfig with one cluster and one user has it. */
export function credentials(file: string): Readonly<Record<"ca" | "cert" | "key", Buffer>> {
  const { clusters, users } = parse(fs.readFileSync(file, "utf8")) as Kubeconfig;
  const decoded = (text: string | undefined): Buffer => Buffer.from(text ?? "", "base64");
  return {
    ca: decoded(clusters[0]?.cluster["certificate-authority-data"]),
    cert: decoded(users[0]?.user["client-certificate-data"]),
    key: decoded(users[0]?.user["client-key-data"]),
  };
}

/** One read or write; the status that the API answered with. */
export function askApi({ address, verb }: ApiTarget, login: https.RequestOptions): Promise<number> {
  const write = verb === "write";
  return new Promise((resolve, reject) => {
    const request = https.request({
      ...{ ...login, host: address, port: 6443, path: `/api/v1/namespaces/default/configmaps/${API_OBJECT}` },
      ...{ agent: false, method: write ? "PATCH" : "GET", signal: AbortSignal.timeout(LIMIT_MS) },
      headers: { connection: "close", ...(write && { "content-type": "application/merge-patch+json" }) },
    });
    request.on("error", reject).on("response", (response) => {
      response
        .on("error", reject)
        .on("end", () => resolve(response.statusCode ?? 0))
        .resume();
    });
    request.end(write ? JSON.stringify({ data: { at: String(Date.now()) } }) : undefined);
  });
}
