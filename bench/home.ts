import * as fs from "node:fs";
import { inClient } from "../sandbox/lan/client";
import { projectDirectory } from "../sandbox/paths";
import { refreshKubeconfig } from "../sandbox/stack/deploy";
import { renderEffectiveStack } from "../sandbox/stack/effective";
import { clientEnvironment } from "../sandbox/stack/environment";
import { Lab, until } from "../tests/sandbox/lab";
import { unsettled } from "../tests/sandbox/questions-network";
import { timed, type TimedRun } from "./timed";

/** How far the home has come. */
type State = "nothing" | "hosts" | "cluster" | "layers";

/** The simulated home that is measured: that of the end-to-end tests, so never while they run. */
export class Home {
  readonly lab = new Lab();
  private readonly whole = fs.readFileSync(this.lab.stackFile, "utf8");
  private state: State = "nothing";

  constructor(private readonly say: (text: string) => void) {}

  /** Three hosts with fresh disks, that nothing has been done to; the stack file has no layer above the cluster. */
  async freshHosts(): Promise<void> {
    this.say("three fresh hosts");
    await this.lab.expect(["down"]);
    fs.writeFileSync(this.lab.stackFile, this.whole);
    this.lab.removeLayers();
    await this.lab.expect(["up", "--no-deploy"], true);
    this.state = "hosts";
  }

  /** A cluster of three servers without layers, which it makes unless it is there. */
  async cluster(): Promise<void> {
    if (this.state === "cluster") return;
    await this.freshHosts();
    this.say("a cluster without layers");
    await this.up();
  }

  /** The same with all layers of the committed stack file, which it makes unless they are there. */
  async layers(): Promise<void> {
    if (this.state === "layers") return;
    await this.prepareLayers();
    this.say("all layers");
    await this.up();
  }

  /** The layers' sections in the stack file, and all that they need, but nothing done yet. */
  async prepareLayers(): Promise<void> {
    await this.cluster();
    fs.writeFileSync(this.lab.stackFile, this.whole);
    await this.lab.expect(["up", "--no-deploy"]);
  }

  /** `pulumi up`, as it is timed: without the sandbox's own command around it. Afterwards all that runs has its pods. */
  async up(): Promise<TimedRun> {
    const run = await this.pulumi(["up", "--yes", "--skip-preview"]);
    this.state = fs.readFileSync(this.lab.stackFile, "utf8") === this.whole ? "layers" : "cluster";
    await this.settled();
    return run;
  }

  /** What changes nothing needs no waiting for pods. */
  pulumi(args: readonly string[]): Promise<TimedRun> {
    renderEffectiveStack();
    const line = inClient("pulumi", [...args, "--non-interactive", "--color", "never", "--stack", "sandbox"]);
    return timed(line, { env: clientEnvironment(), cwd: projectDirectory() });
  }

  /** Hosts were changed by other means than by this class: who comes next starts anew. */
  forget(): void {
    this.state = "nothing";
  }

  /** Ends it. */
  async remove(): Promise<void> {
    await this.lab.sandbox(["down"]);
    this.lab.remove();
  }

  private async settled(): Promise<void> {
    await refreshKubeconfig();
    await until("all pods", 300, async () => (await unsettled(this.lab)).length === 0);
  }
}
