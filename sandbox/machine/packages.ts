import { existsSync } from "node:fs";
import { run, tryRun } from "../process";
import { UserError, type Progress } from "../progress";

/** Debian packages that the sandbox uses on the machine it runs on. The hosts' own packages are not among them. */
export const MACHINE_PACKAGES = [
  "ca-certificates",
  "curl",
  "debootstrap",
  "e2fsprogs",
  "gcc",
  "gpgv",
  "iproute2",
  "kmod",
  "libc6-dev",
  "libseccomp-dev",
  "mount",
  "openssh-client",
  "pkg-config",
  "procps",
  "systemd-container",
  "util-linux",
  "xz-utils",
  "zstd",
] as const;

/**
 * Installs the Debian packages that the machine lacks; does nothing when it has them all.
 *
 * @param more Packages beside the sandbox's own, for example those that only tests use.
 * @throws UserError when the machine has no apt; CommandError when apt fails.
 */
export async function ensurePackages(progress: Progress, more: readonly string[] = []): Promise<void> {
  if (!existsSync("/usr/bin/apt-get") || !existsSync("/usr/bin/dpkg-query")) {
    throw new UserError(
      "This machine has no apt: the sandbox needs Debian 12 (or a relative), run it in a virtual one.",
    );
  }
  const missing = await missingPackages([...MACHINE_PACKAGES, ...more]);
  if (missing.length === 0) return;
  await progress.step(`Debian packages: ${missing.join(" ")}`, async (logFile) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const install = ["install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", ...missing];
    // Lists may be missing or old; they are only fetched when something is to be installed.
    await run("apt-get", ["update", "-o", "DPkg::Lock::Timeout=120"], { logFile, env });
    await run("apt-get", install, { logFile, env });
  });
}

async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  const query = ["--show", "--showformat", "${db:Status-Abbrev} ${Package}\n", ...packages];
  const { stdout } = await tryRun("dpkg-query", query);
  const installed = new Set(
    stdout.split("\n").flatMap((line) => (line.startsWith("ii ") ? [line.split(/ +/)[1]] : [])),
  );
  return packages.filter((name) => !installed.has(name));
}
