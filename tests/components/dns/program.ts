import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CloudflarePreflight } from "../../../components/cloudflare/preflight";
import { Dns } from "../../../components/dns/dns";
import type { HomelabConfig } from "../../../config/types";
import { dualStackHome, host, withLayers } from "../../support/homes";
import { recordProgram, type Registration } from "../../support/mocks";

export const TOKEN = "the-cloudflare-token";

/** A dual-stack home with every layer on. */
export const config = withLayers(dualStackHome(host(1), host(2), host(3)));

/** What index.ts does. */
function program(config: HomelabConfig): void {
  const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
  const gatekeeper = { host: host(1), sshPrivateKey: "the-private-key" };
  const account = { domain: config.domain, token: "what-is-tried", occasion: "v1", gatekeeper };
  const preflight = new CloudflarePreflight("cloudflare-preflight", account);
  const cloudflareApiToken = config.publicDns && pulumi.output(TOKEN);
  new Dns("dns", { settings: config, ingress: config.ingress?.address, cloudflareApiToken, preflight }, { provider });
}

/** All that is registered for this home's names. */
export const record = (config: HomelabConfig): Promise<Registration[]> => recordProgram(() => program(config));
