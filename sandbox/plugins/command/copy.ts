/** `command:remote:CopyToRemote`: copies a file, a text or a directory over SFTP. Follows remote/copyController.go of 1.2.1. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, posix } from "node:path";
import type { Attributes, SFTPWrapper } from "ssh2";
import { CheckFailure, Operation, ResourceHandler } from "../operation";
import { Asset, isUnknown, Properties, readAsset, reveal, revealAll } from "../properties";
import { ConnectionSettings } from "./credentials";
import { dial } from "./dial";
import { inputDiff, uniqueId } from "./lifecycle";
import { checkStruct } from "./shape";
import { COPY_TO_REMOTE } from "./shapes";

const NO_SUCH_FILE = 2;

/** Turns a callback of the SFTP library into a promise whose error says what was being done. */
function sftpCall(what: string, body: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    body((error) => (error ? reject(new Error(`${what}: ${error.message}`)) : resolve()));
  });
}

function remoteKind(sftp: SFTPWrapper, path: string): Promise<"file" | "directory" | undefined> {
  return new Promise((resolve, reject) => {
    sftp.stat(
      path,
      (error: (Error & { code?: unknown }) | undefined, attributes: Attributes & { isDirectory?(): boolean }) => {
        if (!error) {
          resolve(attributes.isDirectory?.() ? "directory" : "file");
        } else if (error.code === NO_SUCH_FILE) {
          resolve(undefined);
        } else {
          reject(new Error(`failed to stat remote path ${path}: ${error.message}`));
        }
      },
    );
  });
}

const makeDirectory = (sftp: SFTPWrapper, path: string): Promise<void> =>
  sftpCall(`failed to create remote directory ${path}`, (done) => sftp.mkdir(path, done));

async function makeDirectories(sftp: SFTPWrapper, path: string): Promise<void> {
  const kind = await remoteKind(sftp, path);
  if (kind === "directory" || path === "." || path === "/") {
    return;
  }
  if (kind === "file") {
    throw new Error(`failed to create remote directory ${path}: not a directory`);
  }
  await makeDirectories(sftp, dirname(path));
  await makeDirectory(sftp, path);
}

const copyFile = (sftp: SFTPWrapper, source: string, target: string): Promise<void> =>
  sftpCall(`failed to copy file ${source} to remote path ${target}`, (done) => sftp.fastPut(source, target, done));

async function copyDirectory(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  const kind = await remoteKind(sftp, target);
  if (kind === "file") {
    throw new Error(`remote path ${target} exists but is not a directory`);
  }
  if (kind === undefined) {
    await makeDirectory(sftp, target);
  }
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const copy = entry.isDirectory() ? copyDirectory : copyFile;
    await copy(sftp, posix.join(source, entry.name), posix.join(target, entry.name));
  }
}

/** A directory goes into the target (its content, if the path ends in a slash), a file into a directory or over a file. */
async function copyPath(sftp: SFTPWrapper, source: string, target: string): Promise<void> {
  const found = await stat(source).catch(() => undefined);
  if (found === undefined) {
    throw new Error(`open ${source}: no such file or directory`);
  }
  const kind = await remoteKind(sftp, target);
  if (found.isDirectory()) {
    if (kind === undefined) {
      await makeDirectories(sftp, target);
    }
    await copyDirectory(sftp, source, source.endsWith("/") ? target : posix.join(target, basename(source)));
    return;
  }
  if (kind === undefined) {
    await makeDirectories(sftp, dirname(target));
  }
  await copyFile(sftp, source, kind === "directory" ? posix.join(target, basename(source)) : target);
}

async function copyText(sftp: SFTPWrapper, text: string, target: string): Promise<void> {
  if ((await remoteKind(sftp, target)) === "directory") {
    throw new Error(`remote path ${target} is a directory; when using a text asset, remotePath must be a file path`);
  }
  await makeDirectories(sftp, dirname(target));
  await sftpCall(`failed to write text content to remote path ${target}`, (done) => sftp.writeFile(target, text, done));
}

async function copyToRemote(inputs: Properties, source: Asset, operation: Operation): Promise<void> {
  const open = revealAll(inputs) as Properties;
  const target = String(open["remotePath"]);
  const client = await dial(open["connection"] as ConnectionSettings, operation);
  try {
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
      client.sftp((error, wrapper) => (error ? reject(new Error("ssh: subsystem request failed")) : resolve(wrapper)));
    });
    await (source.path === undefined ? copyText(sftp, source.text ?? "", target) : copyPath(sftp, source.path, target));
  } finally {
    client.end();
  }
}

/** An unknown source fails, too: version 1.2.1 does not take a source that a preview cannot know. */
function sourceFailures(news: Properties): CheckFailure[] {
  const source = readAsset(news["source"]);
  if (source === undefined) {
    const known = "source" in news && !isUnknown(news["source"]);
    return "source" in news && !known ? [{ property: "asset", reason: "either asset or archive must be set" }] : [];
  }
  if (source.kind === "asset" && source.path === undefined && source.text === undefined) {
    return [{ property: "asset", reason: "asset must be a path-based file asset or a text asset" }];
  }
  if (source.kind === "archive" && source.path === undefined) {
    return [{ property: "archive", reason: "archive must be a path to a file or directory" }];
  }
  return [];
}

const sourceOf = (inputs: Properties): Asset => readAsset(inputs["source"]) ?? { kind: "asset" };

/** Handler of `command:remote:CopyToRemote`. */
export const copyToRemoteHandler: ResourceHandler = {
  check(news) {
    const { inputs, failures } = checkStruct(COPY_TO_REMOTE, news);
    return Promise.resolve({ inputs, failures: [...failures, ...sourceFailures(news)] });
  },
  diff: inputDiff,
  async create(inputs, operation) {
    if (operation.preview) {
      return { id: "", properties: inputs };
    }
    await copyToRemote(inputs, sourceOf(inputs), operation);
    return { id: uniqueId(""), properties: inputs };
  },
  /** Only another content or path copies again; another connection alone does not. */
  async update({ state, news }, operation) {
    const moved = reveal(state["remotePath"]) !== reveal(news["remotePath"]);
    if (!operation.preview && (moved || sourceOf(state).hash !== sourceOf(news).hash)) {
      await copyToRemote(news, sourceOf(news), operation);
    }
    return news;
  },
};
