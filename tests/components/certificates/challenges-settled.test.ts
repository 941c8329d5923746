import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { renderScript } from "../../../components/script/script";

const SCRIPT = path.join(__dirname, "../../../components/certificates/challenges-settled.sh");

/** What a cluster says at a look: its challenges, that it has no such kind, or nothing at all. */
const GONE = "no such kind";
const SILENT = "no answer";

/** Runs the gate against a cluster that says this at its first look and so on, the last at all later ones. */
function run(action: string, looks: readonly string[]): { status: number | null; stderr: string; changes: string[] } {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-challenges-"));
  looks.forEach((text, index) => {
    fs.writeFileSync(path.join(directory, `look.${index + 1}`), text);
  });
  fs.writeFileSync(path.join(directory, "changes"), "");
  const fake = path.join(directory, "admin.sh");
  fs.writeFileSync(
    fake,
    `admin() {
  case "$1 $2" in
    'get customresourcedefinitions')
      echo look >>'${directory}/looks'
      n=$(wc -l <'${directory}/looks')
      [ -e '${directory}'/look.$n ] || n=${looks.length}
      case $(cat '${directory}'/look.$n) in
        '${SILENT}') echo 'The connection to the server was refused' >&2; return 1 ;;
        '${GONE}') ;;
        *) echo customresourcedefinition.apiextensions.k8s.io/challenges.acme.cert-manager.io ;;
      esac
      ;;
    get*)
      n=$(wc -l <'${directory}/looks')
      [ -e '${directory}'/look.$n ] || n=${looks.length}
      case $(cat '${directory}'/look.$n) in '${GONE}') return 1 ;; esac
      cat '${directory}'/look.$n
      ;;
    *) echo "$*" >>'${directory}/changes' ;;
  esac
}
`,
  );
  const parameters = { domain: "home.test", timeout_seconds: 1 };
  const input = renderScript({ step: "challenges-settled", files: [fake, SCRIPT], parameters });
  const { status, stderr } = spawnSync("bash", ["-s", action], { input, encoding: "utf8" });
  const changes = fs.readFileSync(path.join(directory, "changes"), "utf8").split("\n").filter(Boolean);
  fs.rmSync(directory, { recursive: true });
  return { status, stderr, changes };
}

test.each(["create", "update"])("nothing is looked at on %s", (action) => {
  expect(run(action, ["traefik one\n"])).toEqual({ status: 0, stderr: "", changes: [] });
});

test("challenges that go by themselves are waited for", () => {
  expect(run("delete", ["traefik one\n", ""])).toEqual({ status: 0, stderr: "", changes: [] });
});

test("a cluster that has no challenges, nor the kind, is done with", () => {
  expect(run("delete", [GONE])).toEqual({ status: 0, stderr: "", changes: [] });
  expect(run("delete", ["traefik one\n", GONE])).toEqual({ status: 0, stderr: "", changes: [] });
});

test("no answer is not an answer: it is asked again", () => {
  const { status, stderr, changes } = run("delete", [SILENT, "traefik one\n"]);
  expect(status).toBe(0);
  expect(stderr).toContain("challenge traefik/one is dropped");
  expect(changes).toHaveLength(2);
  expect(run("delete", [SILENT, ""])).toEqual({ status: 0, stderr: "", changes: [] });
});

test("a cluster that never answers holds up what goes after this", () => {
  const { status, stderr, changes } = run("delete", [SILENT]);
  expect(status).toBe(1);
  expect(stderr).toContain("does not say whether challenges of cert-manager's are left");
  expect(changes).toEqual([]);
});

test("those that stay are dropped, each by name, with what may be left at Cloudflare", () => {
  const { status, stderr, changes } = run("delete", ["traefik one\napps two\n"]);
  expect(status).toBe(0);
  expect(stderr).toContain("challenge traefik/one is dropped; look for a TXT record _acme-challenge.home.test");
  expect(changes.map((line) => line.split(" ").slice(0, 5).join(" "))).toEqual([
    "patch challenges.acme.cert-manager.io one --namespace traefik",
    "delete challenges.acme.cert-manager.io one --namespace traefik",
    "patch challenges.acme.cert-manager.io two --namespace apps",
    "delete challenges.acme.cert-manager.io two --namespace apps",
  ]);
});
