/** A configuration that is right, for tests to break or vary. */
import type { HomelabInput } from "../../config/schema";

type Deep<T> = { -readonly [K in keyof T]: Deep<T[K]> };
export type RawConfig = Deep<HomelabInput>;

const KEYS = [
  "AAAAC3NzaC1lZDI1NTE5AAAAIC+Glqihc9b+lWQU86dH7XAtL8/ImcpHDIpakv6hbbqr",
  "AAAAC3NzaC1lZDI1NTE5AAAAILJC09t64AP3GJH/fcgx2vUsuCLD3+O+zCTr/NWbG2M3",
  "AAAAC3NzaC1lZDI1NTE5AAAAIGmnk0SQMT+fa0jlkMd+Uv+EdS9ONt5vlw7vjHb91gd4",
];

/** Three servers, IPv4 only, nothing but what must be written. */
export function validConfig(): RawConfig {
  return {
    domain: "home.example.org",
    cluster: { name: "home" },
    network: { lan: { ipv4: "192.168.1.0/24" }, apiVip: { ipv4: "192.168.1.10" } },
    hosts: KEYS.map((key, index) => ({
      name: `pi${index + 1}`,
      role: "server",
      address: `192.168.1.1${index + 1}`,
      hostKey: `ssh-ed25519 ${key}`,
    })),
  };
}

/** The same with IPv6 halves, written in a form that is not canonical. */
export function dualStackConfig(): RawConfig {
  const config = validConfig();
  config.network.lan.ipv6 = "FD00:1:0:0::/64";
  config.network.apiVip.ipv6 = "fd00:1:0::10";
  config.hosts.forEach((host, index) => (host.ipv6 = `FD00:1::1${index + 1}`));
  return config;
}

/** The same as {@link validConfig} with every layer on, nothing but what must be written. */
export function layeredConfig(): RawConfig {
  return {
    ...validConfig(),
    loadBalancer: {
      pools: [
        { name: "default", addresses: ["192.168.1.202-192.168.1.219"] },
        { name: "fixed", addresses: ["192.168.1.200-192.168.1.201"], namespaces: ["traefik", "dns"] },
      ],
    },
    ingress: { address: { ipv4: "192.168.1.200" } },
    certificates: { email: "you@example.org" },
    lanDns: { address: { ipv4: "192.168.1.201" } },
    publicDns: { names: ["whoami"] },
    apps: { whoami: {} },
  };
}

/** A CA's certificate, made by OpenSSL. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUXPuLpG/rGTHtgET+xwSfIf7pb1wwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKRXhhbXBsZSBDQTAgFw0yNjExMjEwOTM2NTNaGA8yMTI2MTAy
ODA5MzY1M1owFTETMBEGA1UEAwwKRXhhbXBsZSBDQTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABIh1Wb4tPD2M7hNzJyWB4r0x+0xUhgtC/vZMg39bpRn7lK4QZWXu
kMYm+BXI7AHr/6JqPTd32dkk+7vMxR2eO7+jUzBRMB0GA1UdDgQWBBT+TDXvkch3
VIRiFnnNI6AteqX8ETAfBgNVHSMEGDAWgBT+TDXvkch3VIRiFnnNI6AteqX8ETAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIHGPppQnGIhK5fw76w0H
C9YTrpjXpSHh2HTw2XkAeUsRAiEA4E7/Cg+jyU/kp4L4ziIMwXWBoRpRqeioYFV+
zWKJz7s=
-----END CERTIFICATE-----
`;
