/** Schema of the sections above the cluster; the types that they become are in config/layers.ts. */
import { z } from "zod";
import { IPV4_SOURCES } from "./address-sources";
import { isNameserver } from "./nameserver";
import { isPathRegex } from "./path-regex";
import { fieldRemedies } from "./remedies";
import * as field from "./schema-fields";
import { flag, list, section, text, whole } from "./schema-fields";

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){0,4}$/;
const EMAIL = /^[^\s@"<>()]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$/;
const PATH_PREFIX = /^\/[^\s?#]*$/;
/** REGISTRY/NAME:TAG, with a digest or without. */
const IMAGE =
  /^[a-z0-9-]+([.:][a-z0-9.:-]+)(\/[a-z0-9][a-z0-9._-]*)+:(?!latest(@|$))\w[\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/;
const CHART_VERSION = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** One entry of `homelab:loadBalancer` `pools`. */
export const poolSchema = section({
  name: text("pool-name", field.LABEL).describe("Name of the pool, which services may ask for."),
  addresses: list("pool-addresses", field.addressRange(), 1).describe("Ranges A-B or CIDRs, IPv4 and IPv6."),
  autoAssign: flag().optional().describe("Serves services that ask for nothing. Default: the first pool only."),
  namespaces: list("namespaces", text("namespace", field.LABEL)).default([]).describe("Who may use it; empty: all."),
});

const loadBalancer = section({
  pools: list("pools", poolSchema, 1).describe("Free addresses of the LAN, outside the DHCP range."),
  interfaces: list("interfaces", field.networkInterface(), 1)
    .optional()
    .describe("Interfaces that answer for the addresses. Default: the hosts' own."),
  nodeSelector: field
    .labels()
    .default({})
    .describe("Labels of the nodes that may answer, one server at least among them; empty: all nodes."),
});

const ingress = section({
  address: field.addresses().describe("Address of all web apps, inside a pool."),
  dashboard: flag().default(true).describe("Traefik's dashboard at traefik.<domain>, behind a login."),
});

const certificates = section({
  issuer: field
    .choice("issuer", ["staging", "production", "internal"])
    .default("staging")
    .describe("Let's Encrypt's staging or production directory, or a CA of your own."),
  email: text("email", EMAIL).optional().describe("Account at Let's Encrypt; needed unless the issuer is internal."),
  acme: section({
    server: field.httpsUrl().optional().describe("Another ACME directory than Let's Encrypt's."),
    caBundle: field.pem().optional().describe("PEM certificates that its TLS certificate is checked by."),
  }).prefault({}),
  recursiveNameservers: list("nameservers", field.checked("nameserver", isNameserver), 1)
    .default(["1.1.1.1:53", "9.9.9.9:53"])
    .describe("Name servers that see the public zone, for the DNS-01 check."),
  issuanceTimeoutSeconds: whole("issuance-timeout", 180, 7200)
    .default(600)
    .describe("How long `pulumi up` waits for the domain's certificate."),
});

const lanDns = section({
  address: field.addresses().describe("Address of the name server, inside a pool; the router's DHCP hands it out."),
  forwarders: list("forwarders", field.anyAddress(), 1)
    .default(["1.1.1.1", "9.9.9.9"])
    .describe("Name servers that answer for everything but the domain."),
  records: z
    .record(text("record-name", NAME), list("record-addresses", field.anyAddress(), 1), {
      error: fieldRemedies.records,
    })
    .default({})
    .describe("Further names below the domain and their addresses."),
});

const sources = () => list("address-sources", field.httpsUrl());

const publicDns = section({
  names: list("public-names", text("public-name", new RegExp(`^[@*]$|${NAME.source}`)), 1).describe(
    "Names below the domain; @ is the domain itself.",
  ),
  addressSources: section({
    ipv4: sources()
      .default([...IPV4_SOURCES])
      .describe("URLs that answer with the caller's public IPv4 address, at two hosts or more; empty: no A records."),
    ipv6: sources()
      .optional()
      .describe(
        "The same for IPv6 and AAAA records. Default: api6.ipify.org and ipv6.icanhazip.com; none if the LAN's IPv6 is local (fc00::/7).",
      ),
  }).prefault({}),
});

const middlewares = section({
  basicAuth: flag().default(false).describe("Login by name and password; the password is generated."),
  forwardAuth: field.webUrl().optional().describe("URL of an authentication service that sees each request first."),
  stripPrefix: text("path-prefix", PATH_PREFIX).optional().describe("Path prefix that is removed."),
  rewrite: section({
    regex: field.checked("path-regex", isPathRegex).describe("Regular expression of the path."),
    replacement: text("path-replacement", /^[^\s]+$/).describe("What the path becomes; $1 is the first group."),
  })
    .optional()
    .describe("Rewriting of the path."),
  headers: section({
    hstsSeconds: whole("hsts-seconds", 0, 63_072_000).default(0).describe("0: no HSTS."),
  })
    .optional()
    .describe("Security headers."),
  requestsPerSecond: whole("requests-per-second", 1, 10_000).optional().describe("Rate limit of one client."),
});

const app = section({
  subdomain: text("subdomain", field.LABEL).optional().describe("First label of its host name. Default: its name."),
  access: field.choice("access", ["everyone", "lan"]).default("everyone").describe("lan: from the LAN only."),
  certificate: field
    .choice("certificate", ["wildcard", "own"])
    .default("wildcard")
    .describe("The domain's certificate, or one for its host name."),
  middlewares: middlewares.prefault({}),
});

const chartVersion = () => text("chart-version", CHART_VERSION).optional();
const image = () => text("image", IMAGE).optional();

const overrides = section({
  charts: section({ metallb: chartVersion(), traefik: chartVersion(), "cert-manager": chartVersion() }).prefault({}),
  images: section({ coredns: image(), node: image(), whoami: image() }).prefault({}),
});

/** Schemas of single sections, for whoever takes the valid pieces out of an invalid one. */
export const layerSchemas = { loadBalancer, ingress, certificates, lanDns, publicDns, app };

/** The sections, in the order of Pulumi.home.yaml. An absent one switches its layer off. */
export const layerSections = {
  loadBalancer: loadBalancer.optional().describe("MetalLB: addresses of the LAN for services."),
  ingress: ingress.optional().describe("Traefik: the way to all web apps."),
  certificates: certificates.optional().describe("cert-manager: certificates that renew themselves."),
  lanDns: lanDns.optional().describe("The LAN's name server for the domain."),
  publicDns: publicDns.optional().describe("Records at Cloudflare that follow the home's public address."),
  apps: section({ whoami: app.optional().describe("A small web server that shows what reaches it.") })
    .prefault({})
    .describe("Web apps."),
  versions: overrides.prefault({}).describe("Other versions than those of config/versions.ts."),
  trustedCAs: list("trusted-cas", field.pem())
    .default([])
    .describe("PEM certificates that hosts and layers trust besides the public ones."),
};
