/** Traefik's objects that we make, with the fields that we set. https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/ */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** One thing that happens to a request on its way; each object is exactly one of these. */
export type MiddlewareSpec =
  | { readonly retry: { readonly attempts: number } }
  | { readonly ipAllowList: { readonly sourceRange: readonly string[] } }
  | { readonly rateLimit: { readonly average: number; readonly burst: number } }
  | { readonly headers: HeadersSpec }
  | { readonly forwardAuth: ForwardAuthSpec }
  | { readonly basicAuth: { readonly secret: string; readonly removeHeader: boolean } }
  | { readonly stripPrefix: { readonly prefixes: readonly string[] } }
  | { readonly replacePathRegex: { readonly regex: string; readonly replacement: string } };

interface HeadersSpec {
  readonly contentTypeNosniff: boolean;
  readonly customFrameOptionsValue: string;
  readonly referrerPolicy: string;
  readonly stsSeconds?: number;
}

interface ForwardAuthSpec {
  readonly address: string;
  readonly trustForwardHeader: boolean;
  readonly authResponseHeaders: readonly string[];
}

interface Specs {
  readonly Middleware: MiddlewareSpec;
  readonly TLSOption: { readonly minVersion: "VersionTLS12" | "VersionTLS13" };
  readonly TLSStore: { readonly defaultCertificate: { readonly secretName: string } };
  readonly IngressRoute: {
    readonly entryPoints: readonly string[];
    readonly routes: readonly {
      readonly kind: "Rule";
      readonly match: string;
      readonly middlewares: readonly { readonly name: string }[];
      readonly services: readonly { readonly kind: "TraefikService"; readonly name: string }[];
    }[];
    readonly tls: Readonly<Record<string, never>>;
  };
}

export interface TraefikObjectArgs<Kind extends keyof Specs> {
  readonly kind: Kind;
  readonly namespace: string;
  /** Name in the cluster. */
  readonly name: string;
  readonly spec: Specs[Kind];
}

/** One object of Traefik's own kinds. */
export function traefikObject<Kind extends keyof Specs>(
  name: string,
  args: TraefikObjectArgs<Kind>,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "traefik.io/v1alpha1",
      kind: args.kind,
      metadata: { namespace: args.namespace, name: args.name },
      spec: args.spec,
    },
    opts,
  );
}
