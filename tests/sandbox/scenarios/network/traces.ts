/** What the layers leave behind: no secret where it must not be, and after `down` nothing at all. */
import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { apiToken, tokenFile } from "../../../../sandbox/internet/files";
import { leftovers } from "../../questions";
import { findSecret } from "../../secrets";
import { SERVERS, lab, watch } from "../shared";
import { output } from "./shared";

/** k3s' own, in kube-system, lies in a folder that root alone may enter. */
const OF_LAYERS = "--field-selector=type=kubernetes.io/tls,metadata.namespace!=kube-system";

/** Private keys in the layers' TLS Secrets, each as a line of its PEM text and as much of its base64 form. */
async function tlsKeys(): Promise<Record<string, readonly string[]>> {
  const fields = 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {.data.tls\\.key}{"\\n"}{end}';
  const list = await lab.kubectl("get", "secrets", "--all-namespaces", OF_LAYERS, "-o", fields);
  const keys = list.split("\n").map((row) => {
    const [secret = "", data = ""] = row.split(" ");
    const line = Buffer.from(data, "base64").toString().split("\n")[2] ?? "";
    assert.ok(line.length > 20, `${secret} holds a key`);
    return [`key of ${secret}`, [line, data.slice(120, 200)]] as const;
  });
  return Object.fromEntries(keys);
}

/** A text as it is, and as a Secret of Kubernetes would carry it. */
const bothForms = (text: string): string[] => [text, Buffer.from(text).toString("base64")];

test("neither token, password nor private keys are in a log, a process list, plain state or a world-readable file", async () => {
  const texts: Readonly<Record<string, readonly string[]>> = {
    token: bothForms(apiToken()),
    "password of the dashboard": bothForms(await output<string>("dashboardPassword")),
    ...(await tlsKeys()),
  };
  for (const one of ["traefik/default-certificate", "cert-manager/internal-ca"])
    assert.ok(`key of ${one}` in texts, one);
  const secrets = Object.entries(texts).flatMap(([what, forms]) => forms.map((form) => [what, form] as const));
  // The search itself is tried first: it finds what is there to be found, by the last of several texts.
  const all = secrets.map(([, text]) => text).join("\n");
  await lab.ssh("pi2", "cat > /tmp/canary && chmod 0644 /tmp/canary", secrets.at(-1)?.[1]);
  assert.deepEqual(await lab.findOnHost("pi2", all), ["/tmp/canary"]);
  await lab.ssh("pi2", "rm /tmp/canary");
  for (const [what, text] of secrets) {
    assert.deepEqual(watch.seenWith(text), [], `${what} in a process list`);
    assert.deepEqual(findSecret(lab.directory, text, [tokenFile()]), [], `${what} in the sandbox's files`);
  }
  assert.deepEqual(findSecret(path.dirname(tokenFile()), apiToken(), []), [tokenFile()], "the search finds files, too");
  for (const host of SERVERS) assert.deepEqual(await lab.findOnHost(host, all), [], `a secret on ${host}`);
});

test("`down` leaves nothing of the layers' sandbox behind", async () => {
  await lab.expect(["down"], true);
  assert.deepEqual(leftovers(lab.directory), []);
});
