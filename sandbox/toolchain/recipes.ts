import { copyFile, chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "./cache";
import { type GoProgram, copySources, goBuild, goInputs, moduleDirectory } from "./go";
import { correctKubeRouter, kubeRouterCorrections } from "./kube-router";

/**
 * Versions of what is built from Go modules; the Pulumi CLI's is the one of the SDK in package.json. Only one k3s can be
 * built: the next release is the same sources under another number, for an upgrade to go to.
 */
export const versions = {
  pulumi: "3.248.0",
  languageHost: "3.68.0",
  kubernetesProvider: "4.25.0",
  k3s: "v1.25.4+k3s1",
  k3sNext: "v1.25.4+k3s2",
  k3sCommit: "0dc63334c0db3e7b99244427615e091909fc486e",
} as const;

const sdk = "github.com/pulumi/pulumi/sdk/v3";
const kubernetesModule = "github.com/pulumi/pulumi-kubernetes/provider/v4";

const pulumiProgram: GoProgram = {
  folder: "pulumi",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  variables: { [`${sdk}/go/common/version.Version`]: `v${versions.pulumi}` },
  cgo: true,
};

const languageHostProgram: GoProgram = {
  folder: "language-nodejs",
  package: `${sdk}/nodejs/cmd/pulumi-language-nodejs`,
  variables: { [`${sdk}/go/common/version.Version`]: `v${versions.languageHost}` },
  cgo: true,
};

const kubernetesProgram: GoProgram = {
  folder: "kubernetes-provider",
  package: ".",
  variables: { [`${kubernetesModule}/pkg/version.Version`]: versions.kubernetesProvider },
};

function k3sProgram(version: string): GoProgram {
  return {
    folder: "k3s",
    package: "github.com/k3s-io/k3s/cmd/server",
    tags: ["apparmor", "seccomp", "netcgo", "osusergo", "providerless", "urfave_cli_no_docs"],
    variables: {
      ...k3sVariables(version),
      ...kubernetesVariables("k8s.io/component-base", version),
      ...kubernetesVariables("k8s.io/client-go/pkg", version),
    },
    cgo: true,
  };
}

/** What `k3s --version` shows. */
export function k3sVariables(version: string): Record<string, string> {
  return {
    "github.com/k3s-io/k3s/pkg/version.Version": version,
    "github.com/k3s-io/k3s/pkg/version.GitCommit": versions.k3sCommit.slice(0, 8),
  };
}

/** What `kubectl version` and `kubectl get nodes` show: the same variables as upstream's scripts/build sets. */
function kubernetesVariables(prefix: string, version: string): Record<string, string> {
  return {
    [`${prefix}/version.gitVersion`]: version,
    [`${prefix}/version.gitCommit`]: versions.k3sCommit,
    [`${prefix}/version.gitTreeState`]: "clean",
  };
}

/** A cache entry that holds one program and nothing else. */
async function programRecipe(program: GoProgram, executable: string, title: string): Promise<Recipe> {
  return {
    name: program.folder,
    title,
    inputs: await goInputs(program),
    build: (directory, { logFile }) => goBuild(program, join(directory, executable), logFile),
  };
}

/** The Pulumi CLI as `pulumi`. */
export function pulumiRecipe(): Promise<Recipe> {
  return programRecipe(pulumiProgram, "pulumi", `build the Pulumi CLI ${versions.pulumi}`);
}

/**
 * The multicall k3s server program as `k3s`: server, agent, kubectl, crictl and ctr, without containerd. Another version
 * of it is only linked again: the version is no part of what Go compiles.
 */
export async function k3sServerRecipe(version: string = versions.k3s): Promise<Recipe> {
  const program = k3sProgram(version);
  return {
    name: program.folder,
    title: `build k3s ${version}`,
    inputs: { ...(await goInputs(program)), kubeRouter: JSON.stringify(kubeRouterCorrections) },
    build: async (directory, { logFile }) => {
      const [main, kubeRouter] = [join(directory, "main"), join(directory, "kube-router")];
      await copySources(program.folder, main);
      await correctKubeRouter(main, kubeRouter, logFile);
      await goBuild(program, join(directory, "k3s"), logFile, main);
      await rm(main, { recursive: true });
      await rm(kubeRouter, { recursive: true });
    },
  };
}

/** CoreDNS as `coredns`. */
export function corednsRecipe(): Promise<Recipe> {
  const program: GoProgram = { folder: "coredns", package: "github.com/coredns/coredns" };
  return programRecipe(program, "coredns", "build CoreDNS 1.11.3");
}

/** Let's Encrypt's ACME server for tests as `pebble`. */
export function pebbleRecipe(): Promise<Recipe> {
  const program: GoProgram = { folder: "pebble", package: "github.com/letsencrypt/pebble/v2/cmd/pebble" };
  return programRecipe(program, "pebble", "build pebble 2.8.0");
}

/** A program of ours, named after its folder. */
export function ownProgramRecipe(folder: "pause" | "whoami" | "flannel"): Promise<Recipe> {
  return programRecipe({ folder, package: "." }, folder, `build ${folder}`);
}

/** The Node.js language host with the two scripts that start dynamic providers and policy packs. */
export async function languageHostRecipe(): Promise<Recipe> {
  return {
    name: "language-nodejs",
    title: `build the Node.js language host ${versions.languageHost}`,
    inputs: await goInputs(languageHostProgram),
    build: async (directory, { logFile }) => {
      await goBuild(languageHostProgram, join(directory, "pulumi-language-nodejs"), logFile);
      const module = await moduleDirectory("language-nodejs", sdk, logFile);
      for (const script of ["pulumi-resource-pulumi-nodejs", "pulumi-analyzer-policy"]) {
        await copyFile(join(module, "nodejs", "dist", script), join(directory, script));
        await chmod(join(directory, script), 0o755);
      }
    },
  };
}

/** The Kubernetes provider, with the schema and the Terraform mapping of its own module in it. */
export async function kubernetesProviderRecipe(): Promise<Recipe> {
  return {
    name: "kubernetes-provider",
    title: `build the Pulumi Kubernetes provider ${versions.kubernetesProvider}`,
    inputs: await goInputs(kubernetesProgram),
    build: async (directory, { logFile }) => {
      const sources = join(directory, "sources");
      await copySources("kubernetes-provider", sources);
      const module = await moduleDirectory("kubernetes-provider", kubernetesModule, logFile);
      const documents = join(module, "cmd", "pulumi-resource-kubernetes");
      const schema = JSON.parse(await readFile(join(documents, "schema.json"), "utf8")) as Record<string, unknown>;
      const versioned = { ...schema, version: versions.kubernetesProvider };
      await writeFile(join(sources, "schema-versioned.json"), JSON.stringify(versioned));
      await copyFile(join(documents, "terraform-mapping.json"), join(sources, "terraform-mapping.json"));
      await goBuild(kubernetesProgram, join(directory, "pulumi-resource-kubernetes"), logFile, sources);
      await rm(sources, { recursive: true });
    },
  };
}
