import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "../../config/load";
import { dualStackConfig, validConfig } from "./valid";

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
  stack({ ...dualStackConfig(), sshPrivateKey: "the key" });
  const config = loadConfig();
  expect(config.domain).toBe("home.example.org");
  expect(config.hosts).toHaveLength(3);
  expect(Object.isFrozen(config)).toBe(true);
  expect(await pulumi.isSecret(config.sshPrivateKey)).toBe(true);
  const key = await new Promise((resolve) => config.sshPrivateKey.apply(resolve));
  expect(key).toBe("the key");
});

test("names a missing private key among the other mistakes", () => {
  stack({ ...validConfig(), domain: "HOME" }, []);
  const message = messageOf(loadConfig);
  expect(message).toContain("sshPrivateKey: missing; run: pulumi config set --secret homelab:sshPrivateKey");
  expect(message).toContain('domain: found "HOME"');
});

test("refuses a private key in plain text, without repeating it", () => {
  stack({ ...validConfig(), sshPrivateKey: "the key" }, []);
  const message = messageOf(loadConfig);
  expect(message).toContain("sshPrivateKey: found in plain text; run: pulumi config set --secret");
  expect(message).not.toContain("the key");
});

test("refuses secrets inside a structured setting", () => {
  stack({ ...validConfig(), sshPrivateKey: "the key" }, ["sshPrivateKey", "cluster"]);
  expect(messageOf(loadConfig)).toContain("cluster: found a secret inside structured configuration");
});

test("notices a misspelt setting", () => {
  stack({ ...validConfig(), sshPrivateKey: "the key", artifact: {} });
  expect(messageOf(loadConfig)).toContain("artifact: unknown key; did you mean artifacts?");
});

test("ignores other namespaces", () => {
  stack({ ...validConfig(), sshPrivateKey: "the key" });
  pulumi.runtime.setAllConfig({ ...pulumi.runtime.allConfig(), "pulumi:disable-default-providers": "[]" }, [
    "homelab:sshPrivateKey",
  ]);
  expect(() => loadConfig()).not.toThrow();
});
