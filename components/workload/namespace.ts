import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { podSecurity } from "./pod";

/** A namespace that takes only pods of the restricted standard; the resource is named `<name>-namespace`. */
export function restrictedNamespace(name: string, opts: pulumi.CustomResourceOptions): k8s.core.v1.Namespace {
  const metadata = { name, labels: podSecurity("restricted") };
  return new k8s.core.v1.Namespace(`${name}-namespace`, { metadata }, opts);
}
