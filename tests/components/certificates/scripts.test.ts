import { spawnSync } from "node:child_process";
import * as path from "node:path";
import {
  CERTIFICATE_READY_FILES,
  certificateReadyParameters,
} from "../../../components/certificates/default-certificate";
import { PREFLIGHT_FILE, preflightParameters } from "../../../components/cloudflare/preflight";
import { renderScript } from "../../../components/script/script";

const folder = path.join(__dirname, "../../../components");
const helpers = ["paths.sh", "admin-server.sh"].map((file) => path.join(folder, "cluster", file));
const certificate = {
  domain: "home.test",
  namespace: "traefik",
  clusterIssuer: "production",
  issuanceTimeoutSeconds: 600,
} as const;

const scripts = {
  "cloudflare-preflight": { files: [PREFLIGHT_FILE], parameters: preflightParameters("home.test", "v1.21.1") },
  "certificate-ready": { files: CERTIFICATE_READY_FILES, parameters: certificateReadyParameters(certificate) },
  "challenges-settled": {
    files: [path.join(folder, "certificates", "challenges-settled.sh")],
    parameters: { domain: "home.test", timeout_seconds: 60 },
  },
};

test.each(Object.entries(scripts))("%s is sound shell as its gate renders it", (step, { files, parameters }) => {
  const text = renderScript({ step, files: [...helpers, ...files], parameters });
  // SC2034: a shared file sets names that not every step uses.
  const check = spawnSync("shellcheck", ["--shell=bash", "--severity=warning", "--exclude=SC2034", "-"], {
    input: text,
    encoding: "utf8",
  });
  expect([check.error, check.stdout]).toEqual([undefined, ""]);
  expect(text).not.toContain(process.cwd());
  // A reader that leaves early would fail its writer.
  expect(text).not.toMatch(/\| *grep [^|\n]*-[a-z]*q/);
});
