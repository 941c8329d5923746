/** What a rotation of the SSH key does on a host, as text that bash reads there. The keys in it are public halves. */
import { renderScript, shellFile } from "../../components/script/script";

/** Comment of the lines that a rotation adds to authorized_keys, by which a later one knows them. */
const MARK = "homelab-rotate-ssh-key";

/** Other steps hold a host's lock while `pulumi up` runs: better to say so than to wait for them. */
const LOCK_WAIT_SECONDS = 15;

/** Keys of a rotation, each `TYPE BASE64`. */
export interface RotationKeys {
  /** The key that the stack has. */
  readonly currentKey: string;
  /** The key that it is going to have. */
  readonly newKey: string;
}

/** Lets the new key in for `user` and notes the current one as retired; takes unfinished rotations' keys away. */
export function addKeyScript(user: string, { currentKey, newKey }: RotationKeys): string {
  return script("add", { user, current_key: currentKey, new_key: newKey });
}

/** Undoes {@link addKeyScript}. */
export function takeBackScript(user: string, { currentKey, newKey }: RotationKeys): string {
  return script("take-back", { user, current_key: currentKey, new_key: newKey });
}

/** Takes all keys away that the stack had before; prints how many. */
export function removeRetiredScript(user: string, currentKey: string): string {
  return script("remove", { user, current_key: currentKey });
}

function script(name: string, parameters: Readonly<Record<string, string>>): string {
  return renderScript({
    step: `ssh-key-${name}`,
    files: [shellFile(__dirname, "keys.sh"), shellFile(__dirname, `${name}.sh`)],
    parameters: { mark: MARK, ...parameters },
    lockWaitSeconds: LOCK_WAIT_SECONDS,
  });
}
