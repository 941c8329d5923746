import { utils } from "ssh2";

/**
 * What keeps a text from being a private SSH key that the command plugin (golang.org/x/crypto/ssh, ParsePrivateKey) and
 * homelab's own commands (ssh2) can use; undefined if nothing does. Both read OpenSSH's format and its older one, PEM. None
 * of the text is repeated.
 */
export function privateKeyFault(text: string): string | undefined {
  if (text.startsWith("PuTTY-User-Key-File")) return "found a key in PuTTY's own format";
  if (text.startsWith("-----BEGIN PRIVATE KEY-----"))
    return "found a key in PKCS #8, which not all that use it can read (ssh-keygen -p -N '' -f FILE rewrites it)";
  const [key] = [utils.parseKey(text)].flat();
  if (key instanceof Error) {
    return key.message.includes("passphrase")
      ? "found a private key with a passphrase, which nobody is there to type"
      : `found ${text.length} characters that are no private key in OpenSSH's format`;
  }
  return key?.isPrivateKey() === true ? undefined : "found a public key, not the private one";
}
