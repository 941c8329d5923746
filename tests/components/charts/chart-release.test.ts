import * as k8s from "@pulumi/kubernetes";
import { chartRelease } from "../../../components/charts/chart-release";
import { recordProgram } from "../../support/mocks";

test("is one release under a fixed name, pinned, that Helm waits for", async () => {
  const all = await recordProgram(() => {
    const provider = new k8s.Provider("home", { kubeconfig: "the-kubeconfig" });
    const reference = { repository: "https://charts.example", version: "1.2.3" };
    chartRelease(
      "metallb",
      { chart: "metallb", reference, namespace: "metallb-system", values: { some: "value" }, timeoutSeconds: 120 },
      { provider },
    );
  });
  const [release] = all.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
  expect(release?.inputs).toEqual({
    name: "metallb",
    chart: "metallb",
    version: "1.2.3",
    repositoryOpts: { repo: "https://charts.example" },
    namespace: "metallb-system",
    values: { some: "value" },
    timeout: 120,
    cleanupOnFail: true,
    maxHistory: 5,
    // The SDK's own default for every release.
    compat: "true",
  });
});
