/** PEM certificates as configuration holds them. */
import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Whether the text is one or more PEM certificates that can be read, and nothing else but comments between them. */
export function isPemBundle(text: string): boolean {
  const blocks = text.match(BLOCK) ?? [];
  const rest = text.replace(BLOCK, "");
  return blocks.length > 0 && !rest.includes("-----") && blocks.every(isCertificate);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}
