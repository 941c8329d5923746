import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { kubeconfigPath, writeKubeconfig } from "../../operations/kubeconfig";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  path = join(folder, "kubeconfig");
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (authority: string, server = "https://192.0.2.10:6443") =>
  `- name: default\n  cluster:\n    server: ${server}\n    certificate-authority-data: ${authority}\n`;
const kubeconfig = (...entries: string[]) => `apiVersion: v1\nkind: Config\nclusters:\n${entries.join("")}`;

test("writes a new file that only its owner can read", () => {
  expect(writeKubeconfig(path, kubeconfig(entry("AAAA")))).toBe("written");
  expect(readFileSync(path, "utf8")).toBe(kubeconfig(entry("AAAA")));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["kubeconfig"]);
});

test("replaces its own cluster's file, whatever its address, and narrows its mode", () => {
  writeFileSync(path, kubeconfig(entry("AAAA", "https://192.0.2.11:6443")), { mode: 0o644 });
  expect(writeKubeconfig(path, kubeconfig(entry("AAAA")))).toBe("replaced");
  expect(writeKubeconfig(path, kubeconfig(entry("AAAA")))).toBe("unchanged");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each([
  ["another cluster's", kubeconfig(entry("BBBB")), "found the kubeconfig of another cluster"],
  ["several clusters'", kubeconfig(entry("AAAA"), entry("BBBB")), "found a kubeconfig of 2 clusters"],
  ["someone's notes", "shopping: [milk]\n", "found a file that is no kubeconfig"],
  ["no YAML", "a: [", "found a file that is no kubeconfig"],
])("leaves %s file alone unless forced", (_what, present, message) => {
  writeFileSync(path, present);
  expect(() => writeKubeconfig(path, kubeconfig(entry("AAAA")))).toThrow(message);
  expect(readFileSync(path, "utf8")).toBe(present);
  expect(writeKubeconfig(path, kubeconfig(entry("AAAA")), true)).toBe("replaced");
});

test("fills an empty file, and writes through a link", () => {
  const real = join(folder, "real");
  writeFileSync(real, "");
  symlinkSync(real, path);
  expect(writeKubeconfig(path, kubeconfig(entry("AAAA")))).toBe("replaced");
  expect(readFileSync(real, "utf8")).toBe(kubeconfig(entry("AAAA")));
});

test("says where it can't write", () => {
  expect(() => writeKubeconfig(join(folder, "none", "kubeconfig"), kubeconfig(entry("AAAA")))).toThrow(
    /cannot be written \(ENOENT\)/,
  );
});

test("chooses the file: option, $KUBECONFIG, ./kubeconfig", () => {
  expect(kubeconfigPath("/a", { KUBECONFIG: "/b" })).toBe("/a");
  expect(kubeconfigPath(undefined, { KUBECONFIG: "/b" })).toBe("/b");
  expect(kubeconfigPath(undefined, {})).toBe(resolve("kubeconfig"));
  expect(() => kubeconfigPath(undefined, { KUBECONFIG: "/a:/b" })).toThrow("--output");
});
