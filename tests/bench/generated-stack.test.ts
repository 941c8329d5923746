import { parse } from "yaml";
import { generatedStack } from "../../bench/generated-stack";
import { parseConfig } from "../../config/parse";

function configOf(hosts: number): ReturnType<typeof parseConfig>["config"] {
  const { config } = parse(generatedStack(hosts)) as { config: Record<string, unknown> };
  const sections = Object.entries(config).filter(([key]) => key.startsWith("homelab:"));
  return parseConfig(Object.fromEntries(sections.map(([key, value]) => [key.slice("homelab:".length), value]))).config;
}

test.each([3, 20, 100])("%d hosts are a valid home of three servers without layers", (count) => {
  const config = configOf(count);
  expect(config.hosts).toHaveLength(count);
  expect(config.hosts.filter(({ role }) => role === "server")).toHaveLength(3);
  for (const layer of ["loadBalancer", "ingress", "certificates", "lanDns", "publicDns"] as const) {
    expect(config[layer]).toBeUndefined();
  }
});

test("the same number of hosts is the same text", () => {
  expect(generatedStack(5)).toBe(generatedStack(5));
  expect(generatedStack(5)).not.toBe(generatedStack(6));
});

test("a number that is no home is refused", () => {
  for (const count of [0, 2.5, 201]) expect(() => generatedStack(count)).toThrow(/no home/);
});
