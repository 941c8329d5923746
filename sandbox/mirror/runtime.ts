import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DebianSources } from "../image/sources";
import { run } from "../process";
import type { Recipe } from "../toolchain/cache";
import { archiveFiles, download, mirrorPath, privateApt } from "./apt";

/** What Node.js is linked with, by Debian package. */
const libraries = ["libc6", "libgcc-s1", "libstdc++6"] as const;

/** Where these packages have their shared libraries, and the loader. */
const libraryFolders = /^(usr\/)?(lib64|lib(\/[^/]+-linux-gnu)?)\/[^/]+\.so[^/]*$/;

/**
 * Recipe of what images need besides a program, from Debian packages: `libraries`, a tree with the C and C++ libraries,
 * and `ca-certificates.crt`, the public certificate authorities in one file.
 */
export function runtimeRecipe(sources: DebianSources): Recipe {
  return {
    name: "image-runtime",
    title: "download the images' Debian packages",
    inputs: { layout: "1", libraries: libraries.join(" "), sources: JSON.stringify(sources) },
    build: async (directory, context) => {
      const scratch = join(directory, "scratch");
      await mkdir(scratch);
      const installed = join(scratch, "installed");
      await writeFile(installed, "");
      const apt = await privateApt(scratch, sources, installed);
      await run("apt-get", [...apt, "update"], { logFile: context.logFile });
      const extract = async (name: string) => {
        const files = await archiveFiles(apt, ["download", name], context);
        if (files.length !== 1) throw new Error(`apt names ${files.length} files for ${name}; see the step's log`);
        await download(scratch, files, context);
        const root = join(scratch, name);
        for (const { uri } of files) {
          await run("dpkg-deb", ["--extract", mirrorPath(scratch, uri), root], { logFile: context.logFile });
        }
        return root;
      };
      for (const name of libraries) await copyLibraries(await extract(name), join(directory, "libraries"));
      await writeBundle(await extract("ca-certificates"), join(directory, "ca-certificates.crt"));
      await rm(scratch, { recursive: true });
    },
  };
}

async function copyLibraries(root: string, to: string): Promise<void> {
  const paths = (await readdir(root, { recursive: true })).filter((path) => libraryFolders.test(path));
  if (paths.length === 0) throw new Error(`no shared library in ${root}`);
  for (const path of paths) await cp(join(root, path), join(to, path), { verbatimSymlinks: true });
}

/** What update-ca-certificates makes on a Debian machine: all certificates of the package, one after the other. */
async function writeBundle(root: string, to: string): Promise<void> {
  const folder = join(root, "usr", "share", "ca-certificates");
  const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".crt")).sort();
  const certificates = await Promise.all(files.map((path) => readFile(join(folder, path), "utf8")));
  await writeFile(to, certificates.map((text) => `${text.trim()}\n`).join(""));
}
