/** Key pairs that are made here, and the public half of one that the stack has. */
import { utils, type ParsedKey } from "ssh2";
import { OperationError } from "./command-line";

export interface KeyPair {
  /** OpenSSH text with one line end. A secret. */
  readonly privateKey: string;
  /** `TYPE BASE64`, without a comment. */
  readonly publicKey: string;
}

/** Makes an ed25519 key pair in memory. */
export function makeKeyPair(): KeyPair {
  // ssh2 drops a public key's leading zero byte, and one pair in 256 has one. It takes such a pair for malformed itself.
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519");
    const [key] = parse(pair.private);
    if (key === undefined || key instanceof Error) continue;
    return { privateKey: `${pair.private.trimEnd()}\n`, publicKey: lineOf(key) };
  }
}

/**
 * `TYPE BASE64` of a private key.
 *
 * @throws OperationError without the key if it can't be read
 */
export function publicHalf(privateKey: string): string {
  const [key] = parse(privateKey);
  if (key === undefined || key instanceof Error) {
    throw new OperationError(
      "the SSH private key of the stack can't be read; set an unencrypted OpenSSH or PEM key (homelab:sshPrivateKey)",
    );
  }
  return lineOf(key);
}

function parse(privateKey: string): (ParsedKey | Error)[] {
  return [utils.parseKey(privateKey)].flat<(ParsedKey | Error | ParsedKey[])[]>();
}

function lineOf(key: ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}
