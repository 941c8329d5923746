/** The CronJob that keeps the public records, looked at from outside. */
import { until, type Lab } from "./lab";

/** Its namespace, and a label that only pods of Jobs have. */
const PODS = ["--namespace=dns", "--selector=job-name"];

/** Waits until a run has said something, and returns the lines of that run's pod and its neighbours. */
export async function updaterSays(lab: Lab, words: RegExp, limitSeconds = 100): Promise<string> {
  let log = "";
  await until(`the updater saying ${words.source}`, limitSeconds, async () => {
    log = await lab.kubectl("logs", ...PODS, "--tail=-1", "--ignore-errors");
    return words.test(log);
  });
  return log;
}

/** Waits for the next run to begin, and says on which node. */
export async function nextUpdaterNode(lab: Lab): Promise<string> {
  const after = Date.now();
  let node = "";
  await until("a pod of the updater", 90, async () => {
    const { items } = JSON.parse(await lab.kubectl("get", "pods", ...PODS, "-o", "json")) as {
      items: { metadata: { creationTimestamp: string }; spec: { nodeName?: string } }[];
    };
    const young = items.find(({ metadata }) => Date.parse(metadata.creationTimestamp) >= after);
    node = young?.spec.nodeName ?? "";
    return node !== "";
  });
  return node;
}
