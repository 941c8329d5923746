import type { Part } from "../part";
import { languageHostMB } from "../timed";

/** What all layers take on a cluster that is ready and has none. One sample: taking them away is another test. */
export const layers: Part = {
  name: "layers",
  what: "`pulumi up` of all layers on a ready cluster",
  async measure({ say, home }) {
    await home().prepareLayers();
    const run = await home().up();
    say(`all layers: ${run.seconds.toFixed(0)} s`);
    return { samples: { layersSeconds: [run.seconds], layersLanguageHostMB: [languageHostMB(run)] }, ratios: {} };
  },
};
