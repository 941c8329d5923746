import { createHash } from "node:crypto";
import { cp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { tryRun, run } from "../process";
import { UserError } from "../progress";

/** How a Go program is built from one of the folders beside this file. */
export interface GoProgram {
  /** Folder under sandbox/toolchain with go.mod and go.sum. */
  readonly folder: string;
  /** Package to build: an import path, or `.` for the folder's own. */
  readonly package: string;
  /** Build tags. Default: none. */
  readonly tags?: readonly string[];
  /** Values of string variables set by the linker, by the variable's full name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Links C code. Default false: a static program. */
  readonly cgo?: boolean;
}

/**
 * Environment of every Go command: the committed go.sum decides what is accepted, so the user's own flags, workspace
 * and checksum database have no say.
 */
export function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOFLAGS: "-trimpath -mod=readonly -buildvcs=false",
    GOWORK: "off",
    GONOSUMDB: "*",
    GO111MODULE: "on",
    // The compiler looks for garbage less often, which makes the same programs in four fifths of the time.
    GOGC: process.env["GOGC"] ?? "400",
  };
}

/** From here on Go fetches the toolchain that a go.mod asks for by itself. */
const OLDEST_GO_MINOR = 21;

let version: Promise<string> | undefined;

/**
 * Version and platform of the Go compiler, as `go version` prints them.
 *
 * @throws UserError when there is no Go on the machine, or too old a one.
 */
export function goVersion(): Promise<string> {
  version ??= tryRun("go", ["version"], { env: goEnvironment() }).then(({ exitCode, stdout }) => {
    const minor = Number(/ go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
    if (exitCode === 0 && minor >= OLDEST_GO_MINOR) return stdout.trim();
    if (exitCode === 0) {
      throw new UserError(
        `${stdout.trim()} is too old: install Go 1.${OLDEST_GO_MINOR} or later (https://go.dev/doc/install)`,
      );
    }
    throw new UserError("Go is missing on this machine: install it (https://go.dev/doc/install), with `go` on PATH");
  });
  return version;
}

/** Folder of a Go program's go.mod, go.sum and sources in the project. */
export function sourceFolder(name: string): string {
  return join(__dirname, name);
}

/** All that a Go program's build depends on, as inputs for a cache entry. */
export async function goInputs(program: GoProgram): Promise<Record<string, string>> {
  const folder = sourceFolder(program.folder);
  const hash = createHash("sha256");
  for (const file of (await readdir(folder)).sort())
    hash.update(`${file}\0`).update(await readFile(join(folder, file)));
  return {
    go: await goVersion(),
    [`sources of ${program.folder}`]: hash.digest("hex"),
    [`flags of ${program.folder}`]: JSON.stringify([program, goEnvironment().GOFLAGS]),
  };
}

/** Copies a program's folder, so that a build can add generated files to it. */
export async function copySources(name: string, to: string): Promise<void> {
  await cp(sourceFolder(name), to, { recursive: true });
}

/**
 * Builds a Go program.
 *
 * @param program What to build.
 * @param output Path of the executable.
 * @param logFile Where the compiler's output goes.
 * @param cwd Folder with go.mod. Default: the program's folder in the project.
 * @throws CommandError with the compiler's last lines.
 */
export async function goBuild(
  program: GoProgram,
  output: string,
  logFile: string,
  cwd = sourceFolder(program.folder),
): Promise<void> {
  const linker = ["-s", "-w", ...Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`)];
  const tags = program.tags === undefined ? [] : ["-tags", program.tags.join(",")];
  await run("go", ["build", ...tags, "-ldflags", linker.join(" "), "-o", output, program.package], {
    cwd,
    logFile,
    env: { ...goEnvironment(), CGO_ENABLED: program.cgo ? "1" : "0" },
  });
}

/** Folder of a module's sources, downloaded if they are missing and checked against the folder's go.sum. */
export async function moduleDirectory(folder: string, module: string, logFile: string): Promise<string> {
  const cwd = sourceFolder(folder);
  const answer = await run("go", ["mod", "download", "-json", module], { cwd, logFile, env: goEnvironment() });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
