import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Access, MiddlewaresConfig } from "../../config/layers";
import type { DualStack } from "../../config/types";
import { type MiddlewareSpec, traefikObject } from "./traefik-objects";

/** Name that goes with every generated password. */
export const LOGIN = "admin";

export interface MiddlewaresArgs {
  /** Namespace of the app, which exists already; Traefik takes no Middleware of another one. */
  readonly namespace: string;
  readonly access: Access;
  readonly settings: MiddlewaresConfig;
  /** CIDRs of the LAN. */
  readonly lan: DualStack;
}

/**
 * What an app has in front of it, as Traefik's Middleware objects named `<name>-<what it does>`.
 * https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
 */
export class Middlewares extends pulumi.ComponentResource {
  /** Names of the objects, in the order in which a request passes them. */
  readonly names: readonly string[];
  /** Annotations that put them in front of an Ingress of the same namespace; none if there is nothing in front. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Password of {@link LOGIN}; set if basic authentication is on. A secret. */
  readonly password: pulumi.Output<string> | undefined;

  constructor(name: string, args: MiddlewaresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:network:Middlewares", name, {}, opts);
    const { namespace } = args;
    const inside = { parent: this };

    const login = args.settings.basicAuth ? generatedLogin(basicAuthName(name), namespace, inside) : undefined;
    const specs = middlewareSpecs(name, args);
    for (const [title, spec] of Object.entries(specs)) {
      traefikObject(title, { kind: "Middleware", namespace, name: title, spec }, inside);
    }

    this.names = Object.keys(specs);
    this.annotations = routerAnnotations(namespace, this.names);
    this.password = login;
    this.registerOutputs({});
  }
}

/** The objects of the app `name` by their names, in the order in which a request passes them: the cheapest refusal first. */
export function middlewareSpecs(
  name: string,
  { access, settings, lan }: Omit<MiddlewaresArgs, "namespace">,
): Record<string, MiddlewareSpec> {
  const { requestsPerSecond, headers, forwardAuth, basicAuth, stripPrefix, rewrite } = settings;
  return {
    ...(access === "lan" && { [`${name}-lan-only`]: { ipAllowList: { sourceRange: cidrs(lan) } } }),
    ...(requestsPerSecond !== undefined && {
      [`${name}-rate-limit`]: { rateLimit: { average: requestsPerSecond, burst: 2 * requestsPerSecond } },
    }),
    ...(headers && { [`${name}-headers`]: { headers: securityHeaders(headers.hstsSeconds) } }),
    ...(forwardAuth !== undefined && { [`${name}-forward-auth`]: { forwardAuth: authService(forwardAuth) } }),
    // The app gets no password that is not meant for it.
    ...(basicAuth && { [basicAuthName(name)]: { basicAuth: { secret: basicAuthName(name), removeHeader: true } } }),
    ...(stripPrefix !== undefined && { [`${name}-strip-prefix`]: { stripPrefix: { prefixes: [stripPrefix] } } }),
    ...(rewrite && { [`${name}-rewrite`]: { replacePathRegex: { ...rewrite } } }),
  };
}

/** Only what the LAN's own addresses send: with `externalTrafficPolicy: Local` Traefik sees them as they are. */
function cidrs({ ipv4, ipv6 }: DualStack): string[] {
  return ipv6 === undefined ? [ipv4] : [ipv4, ipv6];
}

function securityHeaders(hstsSeconds: number): Extract<MiddlewareSpec, { headers: unknown }>["headers"] {
  return {
    contentTypeNosniff: true,
    customFrameOptionsValue: "SAMEORIGIN",
    referrerPolicy: "strict-origin-when-cross-origin",
    // Never for subdomains: those are other apps, whose certificates this one knows nothing of.
    ...(hstsSeconds > 0 && { stsSeconds: hstsSeconds }),
  };
}

function authService(address: string): Extract<MiddlewareSpec, { forwardAuth: unknown }>["forwardAuth"] {
  return {
    address,
    trustForwardHeader: false,
    // Traefik takes these out of what the client sends, so that only the service can say who somebody is.
    authResponseHeaders: ["Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email"],
  };
}

function basicAuthName(name: string): string {
  return `${name}-basic-auth`;
}

/** Makes a password and, for Traefik, the Secret with its hash. Returns the password. */
function generatedLogin(name: string, namespace: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const password = new random.RandomPassword(name, { length: 24, special: false }, opts);
  new k8s.core.v1.Secret(
    name,
    {
      metadata: { namespace, name },
      stringData: { users: pulumi.secret(pulumi.interpolate`${LOGIN}:${password.bcryptHash}`) },
    },
    opts,
  );
  return pulumi.secret(password.result);
}

/** https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/#annotations */
function routerAnnotations(namespace: string, names: readonly string[]): Record<string, string> {
  if (names.length === 0) return {};
  const references = names.map((name) => `${namespace}-${name}@kubernetescrd`);
  return { "traefik.ingress.kubernetes.io/router.middlewares": references.join(",") };
}
