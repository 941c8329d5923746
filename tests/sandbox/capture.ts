import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { cableOf } from "../../sandbox/lan/network";

/** Listens to all frames that one host sends into the LAN. */
export class Silence {
  private text = "";

  private constructor(private readonly capture: ChildProcess) {
    capture.stdout?.on("data", (data: Buffer) => (this.text += data.toString()));
  }

  /** Starts to listen on the bridge; the host must be sending, or the capture would prove nothing. */
  static async listenTo(host: string): Promise<Silence> {
    const { mac, routerNetns } = cableOf(host);
    const args = ["netns", "exec", routerNetns, "tcpdump", "-i", "lan", "-n", "-l", "-tt", "ether", "src", mac];
    const capture = spawn("ip", args, { stdio: ["ignore", "pipe", "ignore"] });
    const silence = new Silence(capture);
    for (let tries = 0; silence.text === "" && tries < 30; tries++) await sleep(500);
    if (silence.text === "") throw new Error(`nothing was heard from ${host} while it had power`);
    return silence;
  }

  /** Ends listening and returns the frames that were seen, each a line that begins with its time in seconds. */
  async frames(): Promise<string[]> {
    this.capture.kill("SIGTERM");
    await sleep(500);
    return this.text.split("\n").filter((line) => Number.parseFloat(line) > 0);
  }
}
