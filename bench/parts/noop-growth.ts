import { isSeq } from "yaml";
import type { Part } from "../part";
import { ratio } from "../statistics";
import { unchanged } from "./no-op";

const ROUNDS = 5;
const HOSTS = 10;
const UP = ["up", "--yes", "--skip-preview"];

/** How the cost of a `pulumi up` with nothing to do grows from 3 hosts to 10. The ten take long to come up. */
export const noopGrowth: Part = {
  name: "noopGrowth",
  what: `\`pulumi up\` and \`pulumi preview\` with nothing to do on 3 and on ${HOSTS} hosts`,
  async measure({ say, home }) {
    await home().cluster();
    const measure = async (hosts: number): Promise<Record<"seconds" | "preview" | "perResource", number[]>> => {
      unchanged(await home().pulumi(UP));
      const seconds: number[] = [];
      const preview: number[] = [];
      const perResource: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const run = unchanged(await home().pulumi(UP));
        const looked = await home().pulumi(["preview", "--expect-no-changes"]);
        const [up, look] = [run, looked].map(({ seconds: value }) => value.toFixed(2));
        say(`${hosts} hosts, ${round} of ${ROUNDS}: ${up} s, preview ${look} s`);
        preview.push(looked.seconds);
        seconds.push(run.seconds);
        perResource.push(run.seconds / run.resources);
      }
      return { seconds, preview, perResource };
    };
    const three = await measure(3);
    home().lab.edit((document) => {
      const hosts = document.getIn(["config", "homelab:hosts"]);
      if (!isSeq(hosts)) throw new Error("the stack file has no hosts");
      for (let number = hosts.items.length + 1; number <= HOSTS; number++) {
        const last = String(10 + number);
        const addresses = { address: `192.0.2.${last}`, ipv6: `fd00:c0:ffee::${last}` };
        hosts.add(document.createNode({ name: `pi${number}`, role: "agent", ...addresses }));
      }
    });
    // Seven hosts more than all other parts expect.
    home().forget();
    await home().lab.expect(["up"], true);
    const ten = await measure(HOSTS);
    return {
      samples: {
        noopUp3Seconds: three.seconds,
        noopUp10Seconds: ten.seconds,
        noopPreview3Seconds: three.preview,
        noopPreview10Seconds: ten.preview,
      },
      ratios: { noopGrowth3to10: ratio(ten.perResource, three.perResource) },
    };
  },
};
