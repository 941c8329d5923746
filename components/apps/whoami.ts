import * as pulumi from "@pulumi/pulumi";
import type { AppConfig } from "../../config/layers";
import { type Surroundings, WebApp } from "./web-app";

export interface WhoamiArgs {
  readonly settings: AppConfig;
  readonly surroundings: Surroundings;
  /** Namespace, which exists already. */
  readonly namespace: string;
  readonly image: string;
}

const PORT = 8080;

/** A web server that answers with what it knows of itself and of the request. https://github.com/traefik/whoami */
export class Whoami extends pulumi.ComponentResource {
  readonly url: string;
  /** Password of the login `admin`; set if basic authentication is on. A secret. */
  readonly password: pulumi.Output<string> | undefined;

  constructor(name: string, args: WhoamiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("homelab:apps:Whoami", name, {}, opts);
    const app = new WebApp(
      name,
      {
        ...args,
        args: [`--port=${PORT}`],
        port: PORT,
        healthPath: "/health",
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "1", memory: "64Mi" } },
        // The image has no shell to sleep in, but the server answers this request after 5 seconds.
        preStop: { httpGet: { path: "/?wait=5s", port: PORT } },
      },
      { parent: this },
    );
    this.url = app.url;
    this.password = app.password;
    this.registerOutputs({});
  }
}
