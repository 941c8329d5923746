/** Rules about the sections above the cluster: what one needs of another, and what they must agree on. */
import type { Draft } from "./draft";
import { pathText } from "./problems";
import type { Finding, Rule } from "./rule";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** Section to the section that it can't do without, and why. */
const NEEDS = [
  ["ingress", "loadBalancer", "its address comes from an address pool"],
  ["lanDns", "loadBalancer", "its address comes from an address pool"],
  ["publicDns", "ingress", "its records lead to the ingress"],
] as const;

function layerMissing(draft: Draft): Finding[] {
  const sections = NEEDS.filter(([section]) => draft.isWritten(section)).map(
    ([section, needed, why]) => [section, needed, why, `remove homelab:${section}`] as const,
  );
  const apps = draft.apps.flatMap(({ name, hasOwnCertificate }) => [
    [`apps.${name}`, "ingress", "apps are reached through the ingress", "remove the app"] as const,
    ...(hasOwnCertificate
      ? ([[`apps.${name}.certificate`, "certificates", "someone has to sign it", "take the wildcard"]] as const)
      : []),
  ]);
  return [...sections, ...apps]
    .filter(([, needed]) => !draft.isWritten(needed))
    .map(([path, needed, why, way]) => ({
      path,
      found: `found without homelab:${needed} (${why})`,
      remedy: `add the section homelab:${needed}, or ${way}`,
    }));
}

function acmeEmail(draft: Draft): Finding[] {
  if (draft.issuer === undefined || draft.issuer === "internal" || draft.isWritten("certificates", "email")) return [];
  const found = `missing, while the issuer is ${draft.issuer}`;
  return [{ path: "certificates.email", found, remedy: "write your e-mail address: Let's Encrypt's account has it" }];
}

/**
 * Let's Encrypt and Cloudflare know names below public suffixes only, and browsers take no certificate for all names below
 * one label, whoever has signed it.
 */
function publicDomain({ domain, issuer, addressSources }: Draft): Finding[] {
  if (domain === undefined || domain.includes(".")) return [];
  const found = `found ${JSON.stringify(domain)}, a name of one label that nobody can own`;
  const remedy = "use a domain of yours, such as home.example.org";
  return [
    ...(issuer === undefined
      ? []
      : [{ path: "domain", found, remedy: `${remedy}, or home.arpa with certificates.issuer: internal` }]),
    ...(addressSources === undefined
      ? []
      : [{ path: "domain", found, remedy: `${remedy}, or remove homelab:publicDns` }]),
  ];
}

function sharedAddress(draft: Draft): Finding[] {
  return FAMILIES.flatMap((family): Finding[] => {
    const address = draft.lanDnsAddress[family];
    if (address === undefined || address !== draft.ingressAddress[family]) return [];
    const found = `found ${JSON.stringify(address)}, as at ingress.address.${family}`;
    return [{ path: `lanDns.address.${family}`, found, remedy: "give each service an address of its own" }];
  });
}

function forwarderLoop(draft: Draft): Finding[] {
  return draft.forwarders
    .filter(({ value }) => FAMILIES.some((family) => draft.lanDnsAddress[family] === value))
    .map(({ path, value }) => ({
      path,
      found: `found ${JSON.stringify(value)}, the LAN DNS's own address`,
      remedy: "write other name servers, such as 1.1.1.1: it would ask itself",
    }));
}

interface Name {
  readonly path: string;
  readonly name: string;
  readonly owner: string;
}

/** Who wants which name below the domain; who may not have to give way comes first. */
function names(draft: Draft): Name[] {
  return [
    ...(draft.hasDashboard ? [{ path: "ingress.dashboard", name: "traefik", owner: "Traefik's dashboard" }] : []),
    ...(draft.isWritten("lanDns")
      ? [
          { path: "lanDns", name: "api", owner: "the Kubernetes API" },
          { path: "lanDns", name: "dns", owner: "the LAN's name server" },
        ]
      : []),
    ...draft.hosts.flatMap(({ index, name }) =>
      name === undefined || !draft.isWritten("lanDns") ? [] : [{ path: `hosts[${index}].name`, name, owner: "a host" }],
    ),
    ...draft.apps.flatMap(({ name, subdomain }) =>
      subdomain === undefined ? [] : [{ path: `apps.${name}.subdomain`, name: subdomain, owner: `the app ${name}` }],
    ),
    ...draft.records.map((name) => ({ path: pathText(["lanDns", "records", name]), name, owner: "an extra record" })),
  ];
}

function takenName(draft: Draft): Finding[] {
  const all = names(draft);
  return all.flatMap((one): Finding[] => {
    const first = all.find(({ name }) => name === one.name);
    // Two hosts of one name are another rule's finding.
    if (first === undefined || first === one || (first.owner === one.owner && one.owner === "a host")) return [];
    const found = `found ${JSON.stringify(one.name)}, the name of ${first.owner} (${first.path})`;
    return [{ path: one.path, found, remedy: "choose a name that nothing else below the domain has" }];
  });
}

/** Names are written without the domain; with it they would mean one below it, `nas.home.example.org.home.example.org`. */
function fullNames({ domain, records, publicNames }: Draft): Finding[] {
  if (domain === undefined) return [];
  const written = [
    ...records.map((name) => ({ path: pathText(["lanDns", "records", name]), value: name })),
    ...publicNames,
  ];
  return written
    .filter(({ value }) => value === domain || value.endsWith(`.${domain}`))
    .map(({ path, value }) => {
      const short = value === domain ? "@" : value.slice(0, -domain.length - 1);
      const remedy =
        short === "@" && path.startsWith("lanDns")
          ? "remove it: the domain itself leads to the ingress"
          : `leave the domain out: write ${JSON.stringify(short)}`;
      return { path, found: `found ${JSON.stringify(value)}, which has the domain in it`, remedy };
    });
}

function duplicatePublicNames({ publicNames }: Draft): Finding[] {
  return publicNames.flatMap(({ path, value }): Finding[] => {
    const first = publicNames.find((other) => other.value === value);
    if (first === undefined || first.path === path) return [];
    return [{ path, found: `found ${JSON.stringify(value)}, as at ${first.path}`, remedy: "write each name once" }];
  });
}

/** An address is believed only if two sources agree; that they are of different operators is for people to see to. */
function fewSources({ addressSources, lan }: Draft): Finding[] {
  if (addressSources === undefined) return [];
  const used = FAMILIES.filter((family) => family === "ipv4" || lan.ipv6 !== undefined);
  const lists = used.flatMap((family) => {
    const urls = addressSources[family];
    return urls === undefined ? [] : [{ path: `publicDns.addressSources.${family}`, urls }];
  });
  return lists.flatMap(({ path, urls }): Finding[] => {
    const hosts = new Set(urls.map((url) => new URL(url).hostname));
    if (urls.length === 0 || hosts.size >= 2) return [];
    const found = `found ${urls.length === 1 ? "1 URL" : `${urls.length} URLs`} at the one host ${[...hosts].join()}`;
    return [
      { path, found, remedy: "write URLs at two hosts or more, of two operators: an address counts only if two agree" },
    ];
  });
}

export const layerRules: readonly Rule[] = [
  { name: "layer-missing", check: layerMissing },
  { name: "acme-email", check: acmeEmail },
  { name: "public-domain", check: publicDomain },
  { name: "shared-address", check: sharedAddress },
  { name: "forwarder-loop", check: forwarderLoop },
  { name: "name-taken", check: takenName },
  { name: "full-name", check: fullNames },
  { name: "duplicate-public-name", check: duplicatePublicNames },
  { name: "few-address-sources", check: fewSources },
];

/** What is right for a while, or in some homes. */
export function layerWarnings(draft: Draft): string[] {
  return [...lockOut(draft), ...noSources(draft)];
}

function lockOut({ issuer, apps }: Draft): string[] {
  if (issuer !== "staging") return [];
  return apps
    .filter(({ hstsSeconds }) => hstsSeconds > 0)
    .map(
      ({ name }) =>
        `apps.${name}.middlewares.headers.hstsSeconds: found HSTS with certificates of Let's Encrypt's staging; ` +
        `browsers that see it refuse the app until it runs out: leave it off until certificates.issuer is production`,
    );
}

function noSources({ addressSources, lan }: Draft): string[] {
  const used = FAMILIES.filter((family) => family === "ipv4" || lan.ipv6 !== undefined);
  if (addressSources === undefined || used.some((family) => addressSources[family]?.length !== 0)) return [];
  return [
    "publicDns.addressSources: found no source of any address; all public records of this home will be removed: " +
      "remove homelab:publicDns once they are gone",
  ];
}
