/** The plugin's way back to the engine: log messages and the check that it is still alive. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Severity } from "./operation";

const SEVERITIES: Record<Severity, LogSeverity> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** Options of every gRPC channel here: messages of any size, as the engine sends whole files. */
export const CHANNEL_OPTIONS = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A connection to the engine at `address` (host:port). */
export class Engine {
  private readonly client: EngineClient;

  constructor(address: string) {
    this.client = new EngineClient(address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
  }

  /** Shows a message at a resource. A message that cannot be delivered is dropped: the operation matters more. */
  log(urn: string, severity: Severity, message: string, status: boolean): Promise<void> {
    const request = new LogRequest();
    request.setUrn(urn);
    request.setSeverity(SEVERITIES[severity]);
    // The wire only carries valid UTF-8; commands may print anything.
    request.setMessage(Buffer.from(message, "utf8").toString("utf8"));
    request.setEphemeral(status);
    return new Promise((resolve) => {
      this.client.log(request, () => resolve());
    });
  }

  /**
   * Calls `gone` once nobody listens at the engine's address any more. The official plugins look every five minutes, so
   * a killed engine leaves a remote command running on meanwhile.
   */
  watch(gone: () => void, intervalMilliseconds = 5 * 60 * 1000): void {
    const timer = setInterval(() => {
      this.client.waitForReady(Date.now() + 10_000, (error) => {
        if (error) {
          clearInterval(timer);
          gone();
        }
      });
    }, intervalMilliseconds);
    timer.unref();
  }
}
