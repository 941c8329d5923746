import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DebianSources } from "../image/sources";
import type { Recipe } from "../toolchain/cache";
import {
  certManagerPrograms,
  certManagerRecipe,
  controllerVersions,
  metallbRecipe,
  traefikRecipe,
} from "../toolchain/controllers";
import { corednsRecipe, ownProgramRecipe } from "../toolchain/recipes";
import { type Image, type ImagePart, imageInputs, writeImage } from "./image";
import { NODE_VERSION, nodeRecipe } from "./node";
import { runtimeRecipe } from "./runtime";

/**
 * The images that the registry has, under upstream's names and tags; programs lie and start as in upstream's images,
 * as far as anybody can tell from outside.
 */
export async function images(sources: DebianSources): Promise<readonly Image[]> {
  const runtime = runtimeRecipe(sources);
  const authorities = { entry: runtime, path: "ca-certificates.crt", to: "/etc/ssl/certs/ca-certificates.crt" };
  return [
    ...(await ownImages()),
    ...(await corednsImages(authorities)),
    ...(await metallbImages()),
    ...(await certManagerImages(authorities)),
    await traefikImage(authorities),
    nodeImage({ entry: runtime, path: "libraries", to: "/" }),
  ];
}

/** Programs of ours: pause, and whoami under upstream's name and, for the tests of the bare cluster, under our own. */
async function ownImages(): Promise<Image[]> {
  const pause = program(await ownProgramRecipe("pause"), "pause", "/pause");
  const whoami = { ...program(await ownProgramRecipe("whoami"), "whoami", "/whoami"), ports: ["80/tcp"] };
  return [
    { repository: "rancher/mirrored-pause", tag: "3.6", ...pause },
    { repository: "homelab/whoami", tag: "1", ...whoami },
    { repository: "traefik/whoami", tag: "v1.11.0", ...whoami },
  ];
}

/**
 * CoreDNS for the cluster and for the LAN. 1.9.4 can't be built from modules any more (a dependency is gone), so the tag
 * that k3s 1.25 asks for holds 1.11.3. Upstream's own image has a user with a name only, so that Kubernetes can't tell
 * that it is not root: who wants that says which user.
 */
async function corednsImages(authorities: ImagePart): Promise<Image[]> {
  const coredns = { ...program(await corednsRecipe(), "coredns", "/coredns"), ports: ["53/udp", "53/tcp"] };
  return [
    { repository: "rancher/mirrored-coredns-coredns", tag: "1.9.4", ...coredns },
    {
      ...coredns,
      repository: "coredns/coredns",
      tag: "1.11.3",
      parts: [...coredns.parts, authorities],
      user: "nonroot:nonroot",
    },
  ];
}

async function metallbImages(): Promise<Image[]> {
  const entry = await metallbRecipe();
  return ["controller", "speaker"].map((name) => ({
    repository: `metallb/${name}`,
    tag: controllerVersions.metallb,
    ...program(entry, name, `/${name}`),
  }));
}

/** Their user is a number, by which Kubernetes can tell that it is not root. */
async function certManagerImages(authorities: ImagePart): Promise<Image[]> {
  const entry = await certManagerRecipe();
  return certManagerPrograms.map((name) => {
    const { parts, entrypoint } = program(entry, name, `/app/cmd/${name}/${name}`);
    return {
      repository: `jetstack/cert-manager-${name}`,
      tag: controllerVersions.certManager,
      parts: [...parts, authorities],
      entrypoint,
      user: "1000",
    };
  });
}

/** Upstream's entry point is a script that does the same for arguments that begin with `-`. */
async function traefikImage(authorities: ImagePart): Promise<Image> {
  const { parts, entrypoint } = program(await traefikRecipe(), "traefik", "/usr/local/bin/traefik");
  return {
    repository: "library/traefik",
    tag: controllerVersions.traefik,
    parts: [...parts, authorities],
    entrypoint,
    ports: ["80/tcp"],
  };
}

/** Node.js alone: neither npm nor a shell, and Debian's C library instead of Alpine's. Upstream's starts by a script. */
function nodeImage(libraries: ImagePart): Image {
  return {
    repository: "library/node",
    tag: `${NODE_VERSION}-alpine`,
    parts: [libraries, { entry: nodeRecipe(), path: "node", to: "/usr/local/bin/node" }],
    environment: { NODE_VERSION, LANG: "C.UTF-8" },
  };
}

/** An image with one program, which is also what it starts. */
function program(
  entry: Recipe,
  name: string,
  path: string,
): Pick<Image, "parts"> & Required<Pick<Image, "entrypoint">> {
  return { parts: [{ entry, path: name, to: path }], entrypoint: [path] };
}

/**
 * Recipe of the registry's content: `blobs/sha256:HEX`, and for each repository `REPOSITORY/manifests/REFERENCE` by tag
 * and by digest.
 */
export async function imagesRecipe(sources: DebianSources): Promise<Recipe> {
  const all = await images(sources);
  return {
    name: "images",
    title: "make the container images",
    inputs: { layout: "2", images: JSON.stringify(all.map(imageInputs)) },
    build: async (directory, context) => {
      await mkdir(join(directory, "blobs"));
      for (const image of all) await writeImage(directory, image, context);
    },
  };
}
