/** The LAN's name server: the domain's names from the config, all else from upstream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dig } from "../../questions-network";
import { lab } from "../shared";
import { DOMAIN, INGRESS, LAN_DNS, WHOAMI, configured } from "./shared";

/** Questions to the name server and their right answers. */
const EXPECTED: readonly (readonly [name: string, type: string, data: string])[] = [
  [WHOAMI, "A", INGRESS.ipv4],
  [WHOAMI, "AAAA", INGRESS.ipv6],
  [`never-heard-of.${DOMAIN}`, "A", INGRESS.ipv4],
  [`never-heard-of.${DOMAIN}`, "AAAA", INGRESS.ipv6],
  [DOMAIN, "A", INGRESS.ipv4],
  [DOMAIN, "AAAA", INGRESS.ipv6],
  [`pi2.${DOMAIN}`, "A", "192.0.2.12"],
  [`pi2.${DOMAIN}`, "AAAA", "fd00:c0:ffee::12"],
  [`api.${DOMAIN}`, "A", "192.0.2.10"],
  [`api.${DOMAIN}`, "AAAA", "fd00:c0:ffee::10"],
];

for (const [how, server, flags] of [
  ["UDP", LAN_DNS.ipv4, []],
  ["TCP", LAN_DNS.ipv4, ["+tcp"]],
  ["UDP over IPv6", LAN_DNS.ipv6, []],
] as const) {
  test(`the LAN's name server knows sites, hosts and the API by ${how}`, async () => {
    const answers = await dig(
      lab,
      server,
      EXPECTED.map(([name, type]) => [name, type] as const),
      ...flags,
    );
    assert.deepEqual(
      answers.map(({ status, data }, index) => [EXPECTED[index]?.[0], status, ...data]),
      EXPECTED.map(([name, , data]) => [name, "NOERROR", data]),
    );
  });
}

test("records from the config are answered, the rest is forwarded, and upstream's no is a no", async () => {
  const records = configured("homelab:lanDns", "records") as Record<string, string[]>;
  const [[name, addresses] = ["", []]] = Object.entries(records);
  const fours = addresses.filter((address) => !address.includes(":")).sort();
  assert.ok(fours.length > 0, "the stack file has a record with an IPv4 address");
  const questions = [
    [`${name}.${DOMAIN}`, "A"],
    ["mirror.sandbox.test", "A"],
    ["no-such-name.sandbox.test", "A"],
  ] as const;
  assert.deepEqual(await dig(lab, LAN_DNS.ipv4, questions), [
    { status: "NOERROR", data: fours },
    { status: "NOERROR", data: ["192.0.2.1"] },
    { status: "NXDOMAIN", data: [] },
  ]);
});
