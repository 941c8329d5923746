import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "../../config/load";
import { makeKeyPair } from "../../operations/key-pair";
import { dualStackConfig, layeredConfig, validConfig } from "./valid";

const sshPrivateKey = makeKeyPair().privateKey;

/** The stack's settings as the engine hands them over: text, JSON for structured ones, and the list of secret keys. */
function stack(settings: Record<string, unknown>, secrets: string[] = ["sshPrivateKey"]): void {
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const entries = Object.entries(settings).map(([key, value]) => [`homelab:${key}`, text(value)] as const);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(entries),
    secrets.map((key) => `homelab:${key}`),
  );
}

const messageOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    return (error as Error).message;
  }
  throw new Error("the configuration was taken");
};

test("reads structured settings and keeps the private key secret", async () => {
  stack({ ...dualStackConfig(), sshPrivateKey });
  const config = loadConfig();
  expect(config.domain).toBe("home.example.org");
  expect(config.hosts).toHaveLength(3);
  expect(Object.isFrozen(config)).toBe(true);
  expect(await pulumi.isSecret(config.sshPrivateKey)).toBe(true);
  const key = await new Promise((resolve) => config.sshPrivateKey.apply(resolve));
  expect(key).toBe(sshPrivateKey);
});

test("names a missing private key among the other mistakes", () => {
  stack({ ...validConfig(), domain: "HOME" }, []);
  const message = messageOf(loadConfig);
  expect(message).toContain("sshPrivateKey: missing; run: pulumi config set --secret homelab:sshPrivateKey");
  expect(message).toContain('domain: found "HOME"');
});

test("refuses a private key in plain text, without repeating it", () => {
  stack({ ...validConfig(), sshPrivateKey }, []);
  const message = messageOf(loadConfig);
  expect(message).toContain("sshPrivateKey: found in plain text; run: pulumi config set --secret");
  expect(message).not.toContain(sshPrivateKey);
});

test("refuses what is no private key, without repeating it", () => {
  stack({ ...validConfig(), sshPrivateKey: "ssh-ed25519 AAAA" });
  const message = messageOf(loadConfig);
  expect(message).toMatch(/sshPrivateKey: found \d+ characters that are no private key.*; run: pulumi config set/);
  expect(message).not.toContain("AAAA");
});

describe("the Cloudflare token", () => {
  const both = ["sshPrivateKey", "cloudflareApiToken"];

  test.each(["a".repeat(40), "Ab9-_".repeat(8), `cfut_${"a".repeat(48)}`, `cfat_${"a".repeat(48)}`])(
    "is taken as Cloudflare writes it (%p), and stays secret",
    async (cloudflareApiToken) => {
      stack({ ...layeredConfig(), sshPrivateKey, cloudflareApiToken }, both);
      const { cloudflareApiToken: token } = loadConfig();
      expect(await pulumi.isSecret(token!)).toBe(true);
      expect(await new Promise((resolve) => token!.apply(resolve))).toBe(cloudflareApiToken);
    },
  );

  test.each(["tooShort", `cfk_${"a".repeat(48)}`, "a".repeat(37), `${"a".repeat(40)} `, `Bearer ${"a".repeat(40)}`])(
    "is refused if it can't be one (%p), without being repeated",
    (cloudflareApiToken) => {
      stack({ ...layeredConfig(), sshPrivateKey, cloudflareApiToken }, both);
      const message = messageOf(loadConfig);
      expect(message).toContain(
        `cloudflareApiToken: found ${cloudflareApiToken.length} characters that are no API token`,
      );
      expect(message).not.toContain(cloudflareApiToken);
    },
  );

  test("is refused in plain text even where it is not needed, without being repeated", () => {
    const cloudflareApiToken = "b".repeat(40);
    stack({ ...validConfig(), sshPrivateKey, cloudflareApiToken }, ["sshPrivateKey"]);
    const message = messageOf(loadConfig);
    expect(message).toContain("cloudflareApiToken: found in plain text; make an API token");
    expect(message).toContain("run: pulumi config set --secret homelab:cloudflareApiToken");
    expect(message).not.toContain(cloudflareApiToken);
  });

  const { publicDns, ...withoutPublicDns } = layeredConfig();
  const internal = { issuer: "internal" } as const;
  test.each([
    ["an ACME issuer", { ...withoutPublicDns }],
    ["public DNS", { ...withoutPublicDns, publicDns, certificates: internal }],
  ])("is needed by %s", (_, settings) => {
    stack({ ...settings, sshPrivateKey });
    expect(messageOf(loadConfig)).toContain("cloudflareApiToken: missing; make an API token");
  });

  test("is needed by nothing else, and then not handed on", () => {
    stack({ ...withoutPublicDns, certificates: internal, sshPrivateKey, cloudflareApiToken: "a".repeat(40) }, both);
    expect(loadConfig().cloudflareApiToken).toBeUndefined();
    stack({ ...validConfig(), sshPrivateKey });
    expect(loadConfig().cloudflareApiToken).toBeUndefined();
  });
});

test("refuses secrets inside a structured setting", () => {
  stack({ ...validConfig(), sshPrivateKey }, ["sshPrivateKey", "cluster"]);
  expect(messageOf(loadConfig)).toContain("cluster: found a secret inside structured configuration");
});

test("notices a misspelt setting", () => {
  stack({ ...validConfig(), sshPrivateKey, artifact: {} });
  expect(messageOf(loadConfig)).toContain("artifact: unknown key; did you mean artifacts?");
});

test("ignores other namespaces", () => {
  stack({ ...validConfig(), sshPrivateKey });
  pulumi.runtime.setAllConfig({ ...pulumi.runtime.allConfig(), "pulumi:disable-default-providers": "[]" }, [
    "homelab:sshPrivateKey",
  ]);
  expect(() => loadConfig()).not.toThrow();
});
