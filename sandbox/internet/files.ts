import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { statePaths } from "../paths";
import { certificateFiles } from "./certificates";
import { TOKEN_LENGTH } from "./cloudflare/token";

/** File with what the sources of the public address answer. */
export function addressFile(): string {
  return join(statePaths().internet, "public-addresses.json");
}

/** File with the token of the emulated Cloudflare account, without a line break. */
export function tokenFile(): string {
  return join(statePaths().internet, "token");
}

/** Makes the token unless there is one. */
export function ensureToken(): void {
  // Three bytes make four characters of a token's alphabet.
  const token = randomBytes((TOKEN_LENGTH * 3) / 4).toString("base64url");
  if (!existsSync(tokenFile())) writeFileSync(tokenFile(), token, { mode: 0o600 });
}

/** The token of the emulated Cloudflare account. It is there once `up` has made the LAN. */
export function apiToken(): string {
  return readFileSync(tokenFile(), "utf8");
}

/** Certificate of the CA that signs for the "internet", PEM; undefined before the first `up`. */
export function internetCa(): string | undefined {
  const { ca } = certificateFiles(statePaths().internet);
  return existsSync(ca) ? readFileSync(ca, "utf8") : undefined;
}
