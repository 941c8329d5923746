/** From nothing to every layer, and a second run that does nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../lab";
import { unsettled } from "../../questions-network";
import { HOMELAB, lab, upAgain } from "../shared";
import { DASHBOARD, INGRESS, LAN_DNS, WHOAMI, output } from "./shared";

test("a fresh `up` with every layer ends well and prints the addresses of what there is", async () => {
  const started = Date.now();
  const text = await lab.up();
  console.error(`hosts, cluster and all layers: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  assert.match(text, new RegExp(`https://${WHOAMI.replaceAll(".", "\\.")}`));
  const urls = Object.values(await output<Record<string, string>>("urls")).map((url) => new URL(url).hostname);
  assert.deepEqual(urls.sort(), [DASHBOARD, WHOAMI]);
  await until("all that runs to have its pods", 60, async () => (await unsettled(lab)).length === 0);
});

test("a second `up` with every layer runs no command on any host, and a preview shows no change", async () => {
  await upAgain("second up with all layers");
});

test("`homelab network` prints which ports to forward where, and the name server to hand out", async () => {
  const text = await lab.exec(...HOMELAB, "network", "--stack", "sandbox");
  const pools = ["192.0.2.202-192.0.2.219", "192.0.2.200-192.0.2.201"];
  for (const part of [/\b80\b/, /\b443\b/, INGRESS.ipv4, INGRESS.ipv6, LAN_DNS.ipv4, ...pools]) {
    assert.ok(typeof part === "string" ? text.includes(part) : part.test(text), `${part.toString()} in\n${text}`);
  }
});
