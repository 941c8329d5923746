import {
  chmod,
  copyFile,
  cp,
  link,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import type { DebianSources } from "../image/sources";
import { run } from "../process";
import { type BuildContext, type Recipe, cacheKey, hashFile } from "../toolchain/cache";
import { type GoProgram, goBuild, goEnvironment, goInputs, moduleDirectory, sourceFolder } from "../toolchain/go";
import { k3sServerRecipe, k3sVariables, ownProgramRecipe, versions } from "../toolchain/recipes";
import { debianRecipe } from "./debian";

const k3sModule = "github.com/k3s-io/k3s";

/** Releases that the mirror has: the one that Pulumi.sandbox.yaml asks for, and one to upgrade to. */
const releases = [versions.k3s, versions.k3sNext];

/** The front of k3s' one file: unpacks what it carries on first use and starts the program that was asked for. */
function front(version: string): GoProgram {
  return {
    folder: "k3s",
    package: `${k3sModule}/cmd/k3s`,
    tags: ["urfave_cli_no_docs"],
    variables: k3sVariables(version),
  };
}

/** Names by which the server program is started, as links beside it. */
const serverNames = [
  ...["k3s-agent", "k3s-server", "k3s-etcd-snapshot", "k3s-secrets-encrypt", "k3s-certificate", "k3s-completion"],
  ...["kubectl", "crictl", "ctr"],
];

const cniPlugins = ["bandwidth", "bridge", "firewall", "host-local", "loopback", "portmap"];

/** Debian packages that stand in for what upstream compiles into its file. */
const debianParts = ["containerd", "containernetworking-plugins", "runc"];

/** File names of a k3s release for this machine's architecture, as upstream names them. */
export function releaseFiles(): { readonly program: string; readonly sums: string } {
  return process.arch === "arm64"
    ? { program: "k3s-arm64", sums: "sha256sum-arm64.txt" }
    : { program: "k3s", sums: "sha256sum-amd64.txt" };
}

/** Recipe of the releases' folder: `VERSION/k3s` and its checksum file for each, laid out as upstream's. */
export async function k3sRecipe(sources: DebianSources): Promise<Recipe> {
  const parts = new Map<string, Recipe>();
  for (const version of releases) parts.set(version, await releaseRecipe(version, sources));
  return {
    name: "k3s-releases",
    title: `bundle k3s ${releases.join(" and ")}`,
    inputs: Object.fromEntries([...parts].map(([version, part]) => [version, cacheKey(part)])),
    build: async (directory, { use }) => {
      for (const [version, part] of parts) {
        const release = join(await use(part), version);
        await mkdir(join(directory, version));
        // The mirror serves nothing that a symbolic link leads to outside of its folder.
        for (const file of await readdir(release)) await link(join(release, file), join(directory, version, file));
      }
    },
  };
}

/**
 * Recipe of one release.
 *
 * The file is made the way scripts/package-cli of the k3s module does: upstream's own front program with a compressed
 * archive of all programs embedded. Parts come from Go modules and Debian packages instead of upstream's builds.
 */
async function releaseRecipe(version: string, sources: DebianSources): Promise<Recipe> {
  const parts = {
    server: await k3sServerRecipe(version),
    flannel: await ownProgramRecipe("flannel"),
    debian: await debianRecipe(sources),
  };
  const wrapper = join(__dirname, "containerd.sh");
  return {
    name: "k3s-release",
    title: `bundle k3s ${version}`,
    inputs: {
      ...(await goInputs(front(version))),
      layout: "1",
      names: JSON.stringify([serverNames, cniPlugins, debianParts, releaseFiles()]),
      wrapper: await readFile(wrapper, "utf8"),
      server: cacheKey(parts.server),
      flannel: cacheKey(parts.flannel),
      debian: cacheKey(parts.debian),
    },
    build: async (directory, context) => {
      const server = join(await context.use(parts.server), "k3s");
      const flannel = join(await context.use(parts.flannel), "flannel");
      const debian = await context.use(parts.debian);
      context.detail("collect the programs");
      const scratch = join(directory, "scratch");
      const bin = join(scratch, "bin");
      await mkdir(bin, { recursive: true });
      const upstream = await moduleDirectory("k3s", k3sModule, context.logFile);
      await copyExecutable(server, join(bin, "k3s"));
      for (const name of serverNames) await symlink("k3s", join(bin, name));
      await copyExecutable(flannel, join(bin, "flannel"));
      await copyExecutable(wrapper, join(bin, "containerd"));
      await copyExecutable(join(upstream, "contrib", "util", "check-config.sh"), join(bin, "check-config"));
      await addDebianParts(debian, scratch, bin, context.logFile);
      await writeSums(bin);
      const release = join(directory, version);
      await mkdir(release);
      await packRelease(front(version), scratch, upstream, release, context);
      await rm(scratch, { recursive: true });
    },
  };
}

async function copyExecutable(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, 0o755);
}

async function addDebianParts(debian: string, scratch: string, bin: string, logFile: string): Promise<void> {
  const root = join(scratch, "debian");
  const files = (await readdir(debian, { recursive: true })).filter((path) =>
    debianParts.some((name) => basename(path).startsWith(`${name}_`)),
  );
  for (const file of files) await run("dpkg-deb", ["--extract", join(debian, file), root], { logFile });
  await copyExecutable(join(root, "usr", "bin", "containerd"), join(bin, "containerd-debian"));
  await copyExecutable(join(root, "usr", "bin", "containerd-shim-runc-v2"), join(bin, "containerd-shim-runc-v2"));
  await copyExecutable(join(root, "usr", "sbin", "runc"), join(bin, "runc"));
  for (const name of cniPlugins) await copyExecutable(join(root, "usr", "lib", "cni", name), join(bin, name));
  await rm(root, { recursive: true });
}

/** The two lists by which k3s checks what it has unpacked. */
async function writeSums(bin: string): Promise<void> {
  const sums: string[] = [];
  const links: string[] = [];
  for (const entry of (await readdir(bin, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(bin, entry.name);
    if (entry.isSymbolicLink()) links.push(`${entry.name} ${await readlink(path)}\n`);
    else sums.push(`${await hashFile(path)}  ${entry.name}\n`);
  }
  await writeFile(join(bin, ".sha256sums"), sums.join(""));
  await writeFile(join(bin, ".links"), links.join(""));
}

/** Compresses the programs and builds the front with them embedded, in a writable copy of the k3s module. */
async function packRelease(
  program: GoProgram,
  scratch: string,
  upstream: string,
  release: string,
  context: BuildContext,
): Promise<void> {
  context.detail("compress the programs");
  const tarball = join(scratch, "data.tar");
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
  await run("tar", ["-cf", tarball, ...owner, "-C", scratch, "./bin"], context);
  // Fast rather than small: it only crosses a virtual LAN.
  await run("zstd", ["--quiet", "-T0", "-6", "--rm", tarball], context);
  const archive = `${await hashFile(`${tarball}.zst`)}.tar.zst`;

  context.detail("build the front program");
  const module = join(scratch, "module");
  await cp(upstream, module, { recursive: true });
  await run("chmod", ["-R", "u+w", module], context);
  await rename(`${tarball}.zst`, join(module, "pkg", "data", archive));
  await writeFile(join(module, "pkg", "data", "embedded.go"), embeddedData(archive));
  const main = join(scratch, "main");
  await cp(sourceFolder("k3s"), main, { recursive: true });
  await run("go", ["mod", "edit", `-replace=${k3sModule}=${module}`], { ...context, cwd: main, env: goEnvironment() });
  const { program: file, sums } = releaseFiles();
  await goBuild(program, join(release, file), context.logFile, main);
  await writeFile(join(release, sums), `${await hashFile(join(release, file))}  ${file}\n`);
}

/** The functions that upstream's packaging generates, for one embedded file. */
function embeddedData(archive: string): string {
  return `package data

import (
	_ "embed"
	"fmt"
)

//go:embed ${archive}
var archive []byte

// AssetNames lists the one archive; k3s unpacks it into a folder of that name.
func AssetNames() []string { return []string{"${archive}"} }

// Asset returns the archive's content.
func Asset(name string) ([]byte, error) {
	if name != "${archive}" {
		return nil, fmt.Errorf("no asset %s", name)
	}
	return archive, nil
}
`;
}
