import { utils } from "ssh2";

/**
 * What keeps a text from being a private SSH key that Pulumi can use; undefined if nothing does. None of the text is
 * repeated. Read are OpenSSH's format and its older one (PEM), which the command plugin knows too
 * (golang.org/x/crypto/ssh, ParsePrivateKey).
 */
export function privateKeyFault(text: string): string | undefined {
  if (text.startsWith("PuTTY-User-Key-File")) return "found a key in PuTTY's own format";
  const [key] = [utils.parseKey(text)].flat();
  if (key instanceof Error) {
    return key.message.includes("passphrase")
      ? "found a private key with a passphrase, which nobody is there to type"
      : `found ${text.length} characters that are no private key in OpenSSH's format`;
  }
  return key?.isPrivateKey() === true ? undefined : "found a public key, not the private one";
}
