/** The few SFTP requests that a copy needs, served from the local file system. */
import { closeSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { SFTPWrapper, utils } from "ssh2";

const { STATUS_CODE } = utils.sftp;

function answer(sftp: SFTPWrapper, request: number, body: () => void): void {
  try {
    body();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    sftp.status(request, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
  }
}

export function serveSftp(sftp: SFTPWrapper): void {
  const ok = (request: number): void => sftp.status(request, STATUS_CODE.OK);
  sftp.on("STAT", (request, path) =>
    answer(sftp, request, () => {
      const { mode, uid, gid, size } = statSync(path);
      sftp.attrs(request, { mode, uid, gid, size, atime: 0, mtime: 0 });
    }),
  );
  sftp.on("MKDIR", (request, path) =>
    answer(sftp, request, () => {
      mkdirSync(path);
      ok(request);
    }),
  );
  sftp.on("OPEN", (request, path) =>
    answer(sftp, request, () => {
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(openSync(path, "w"));
      sftp.handle(request, handle);
    }),
  );
  sftp.on("WRITE", (request, handle, offset, data) =>
    answer(sftp, request, () => {
      writeSync(handle.readUInt32BE(0), data, 0, data.length, offset);
      ok(request);
    }),
  );
  sftp.on("CLOSE", (request, handle) =>
    answer(sftp, request, () => {
      closeSync(handle.readUInt32BE(0));
      ok(request);
    }),
  );
  sftp.on("FSETSTAT", (request) => ok(request));
}
