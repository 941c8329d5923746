/**
 * The strict schema of what a person writes under `config:` in Pulumi.<stack>.yaml (the `homelab:` prefix removed).
 * Every message is the remedy of its field (config/remedies.ts); config/parse.ts adds path and found value.
 */
import { z } from "zod";
import { HostKeyError, hostKeyTypes, parseHostKey } from "./host-key";
import { fieldRemedies } from "./remedies";
import * as field from "./schema-fields";
import { address, addresses, cidrs, flag, LABEL, list, section, text, webUrl, whole } from "./schema-fields";
import { hostSettingsSchema } from "./schema-hosts";
import { layerSections } from "./schema-layers";
import { versions } from "./versions";

/** Host keys have several ways to be wrong, each with a remedy of its own. */
const hostKey = z.string({ error: fieldRemedies["host-key-text"] }).check((context) => {
  try {
    parseHostKey(context.value);
  } catch (error) {
    if (!(error instanceof HostKeyError)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: context.value, params: { rule: "host-key" } });
  }
});

const login = {
  user: text("user", /^[a-z_][a-z0-9_-]{0,31}$/),
  port: whole("port", 1, 65535),
  interface: field.networkInterface(),
};

const sha256 = text("sha256", /^[0-9a-f]{64}$/);
const mirrorUrls = list("mirror-urls", webUrl(), 1);

/** One entry of `homelab:hosts`. */
export const hostSchema = section({
  name: text("host-name", LABEL).describe("Host name and node name."),
  role: field.choice("role", ["server", "agent"]).describe("server: control plane, etcd and workloads."),
  address: address("ipv4").describe("IPv4 address for SSH and as node IP."),
  ipv6: address("ipv6").optional().describe("IPv6 address; needed on every host of a dual-stack cluster."),
  hostKey: hostKey.meta({
    description: "The host's public SSH key, as `npm run homelab -- scan` prints it.",
    pattern: `^(${hostKeyTypes.join("|")}) [A-Za-z0-9+/]+=*( .*)?$`,
  }),
  user: login.user.optional().describe("Overrides homelab:defaults."),
  port: login.port.optional().describe("Overrides homelab:defaults."),
  interface: login.interface.optional().describe("Overrides homelab:defaults."),
  labels: field.labels().default({}).describe("Node labels."),
  taints: field.taints().default([]).describe("Node taints, key=value:NoSchedule."),
  dataDisks: list("data-disks", text("data-disk", field.DISK))
    .default([])
    .describe("Whole disks that are for data alone, by their stable names. Looked at, and left as they are."),
});

/** The whole of the `homelab:` namespace except its flat secrets. */
export const homelabSchema = section({
  domain: text("domain", field.DOMAIN).describe(
    "DNS domain of the home. In a LAN with lanDns the domain and all names below it lead home: home.example.org rather than example.org.",
  ),
  cluster: section({
    name: text("cluster-name", LABEL).describe("Identity of the cluster; never change it once the cluster exists."),
    k3sVersion: text("k3s-version", /^v1\.\d+\.\d+\+k3s\d+$/)
      .default(versions.k3s)
      .describe("k3s release."),
    highAvailability: flag().default(true).describe("false permits a single server."),
    localStorage: flag().default(true).describe("The bundled local-path provisioner."),
    metricsServer: flag().default(true).describe("The bundled metrics server."),
    joinTimeoutSeconds: whole("join-timeout", 60, 7200).default(600).describe("Limit of one node's join."),
    drainTimeoutSeconds: whole("drain-timeout", 10, 7200).default(300).describe("Limit of one node's drain."),
    removedServers: list("removed-servers", text("host-name", LABEL))
      .default([])
      .describe("Servers that were taken out of the cluster for good: that their lines are missing is no mistake."),
    tokenGeneration: whole("token-generation", 1, 100)
      .default(1)
      .describe("One more gives the running cluster a new token, in a `pulumi up` of its own; never one less."),
    extraFlags: section({
      server: field.extraFlags().default({}).describe("For every server."),
      agent: field.extraFlags().default({}).describe("For every agent."),
    })
      .prefault({})
      .describe("Flags of k3s that homelab has no setting for, as in its config.yaml; lists join homelab's own."),
  }),
  network: section({
    lan: cidrs().describe("The LAN that all hosts are in."),
    apiVip: addresses().describe("Address of the Kubernetes API that moves between servers; free in the LAN."),
    virtualRouterId: whole("virtual-router-id", 1, 255).default(51).describe("VRRP group, unique in the LAN."),
    podCidrs: cidrs().optional().describe("Default: 10.42.0.0/16 and, dual-stack, fd00:42::/56."),
    serviceCidrs: cidrs().optional().describe("Default: 10.43.0.0/16 and, dual-stack, fd00:43::/112."),
    gateway: section({ ipv4: address("ipv4").optional(), ipv6: address("ipv6").optional() }, "gateway")
      .optional()
      .describe(
        "The router's addresses: the others are checked against them, boot-media writes them as the hosts' way out.",
      ),
    dhcpRange: field.dhcpRange().optional().describe("What the router gives out by DHCP, to check against."),
  }),
  defaults: section({
    user: login.user.default("pi").describe("Login with passwordless sudo."),
    port: login.port.default(22).describe("TCP port of sshd."),
    interface: login.interface.default("eth0").describe("Interface for the API VIP and flannel."),
  }).prefault({}),
  hosts: list("hosts", hostSchema).describe("The Raspberry Pis."),
  hostSettings: hostSettingsSchema.prefault({}).describe("How every host is set up beside k3s."),
  artifacts: section({
    k3s: section({
      baseUrl: webUrl()
        .default("https://github.com/k3s-io/k3s/releases/download")
        .describe("Folder with <version>/k3s, laid out as upstream's releases."),
      sha256: section({ amd64: sha256.optional(), arm64: sha256.optional() })
        .default({})
        .describe("Pinned digests; else the release's own checksum file is used."),
    }).prefault({}),
    registryMirrors: z
      .record(text("registry-host", /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/), mirrorUrls, {
        error: fieldRemedies["registry-mirrors"],
      })
      .default({})
      .describe("Registry host to mirror URLs."),
    chartRepository: webUrl().optional().describe("One Helm repository for all charts. Default: each chart's own."),
  }).prefault({}),
  ...layerSections,
});

/** What a person may write (defaults not applied). */
export type HomelabInput = z.input<typeof homelabSchema>;
/** The same with the schema's defaults applied; hosts not merged with `defaults` yet. */
export type HomelabSettings = z.output<typeof homelabSchema>;
