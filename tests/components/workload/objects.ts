import type { Registration } from "../../support/mocks";

/**
 * What is at a path in an object, `spec.containers.0.image`; undefined if there is nothing.
 */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => {
    return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined;
  }, value);
}

/** Inputs of the one Kubernetes object of that type (`apps/v1:Deployment`) and name. */
export function inputsOf(all: readonly Registration[], type: string, name: string): Registration["inputs"] {
  const found = all.filter((one) => one.type === `kubernetes:${type}` && one.name === name);
  expect(found).toHaveLength(1);
  return found[0]?.inputs ?? {};
}

/** `TYPE NAME` of each, sorted. */
export function listed(registrations: readonly Registration[]): string[] {
  return registrations.map(({ type, name }) => `${type} ${name}`).sort();
}
