/** Runs a plugin as the process that the engine starts: prints the port it listens on, serves, goes when the engine goes. */
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Cancellation } from "./cancellation";
import { CHANNEL_OPTIONS, Engine } from "./engine";
import { Plugin } from "./operation";
import { PluginService } from "./service";

/** How long a plugin that was told to end waits for the engine to close its connections. */
const SESSION_CLOSE_MILLISECONDS = 1000;

type Dropped = (listener: () => void) => void;

/** Adapts a method to gRPC: a thrown error becomes status UNKNOWN with its message, as from a Go plugin. */
function unary<Request, Response>(
  method: (request: Request, dropped: Dropped) => Promise<Response> | Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const dropped: Dropped = (listener) => call.on("cancelled", listener);
    void (async () => method(call.request, dropped))().then(
      (response) => callback(null, response),
      (error: unknown) =>
        callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
    );
  };
}

/** Binds a plugin to a free port of the loopback interface. Exported for tests. */
export async function startServer(
  plugin: Plugin,
  engine?: Engine,
  cancellation = new Cancellation(),
): Promise<{ server: grpc.Server; port: number }> {
  const service = new PluginService(plugin, cancellation, engine);
  const server = new grpc.Server(CHANNEL_OPTIONS);
  server.addService(ResourceProviderService, {
    getPluginInfo: unary(() => service.getPluginInfo()),
    getSchema: unary(() => service.getSchema()),
    attach: unary(() => new Empty()),
    checkConfig: unary(service.checkConfig.bind(service)),
    diffConfig: unary(() => service.diffConfig()),
    configure: unary(() => service.configure()),
    invoke: unary(service.invoke.bind(service)),
    check: unary(service.check.bind(service)),
    diff: unary(service.diff.bind(service)),
    create: unary(service.create.bind(service)),
    read: unary(service.read.bind(service)),
    update: unary(service.update.bind(service)),
    delete: unary(service.delete.bind(service)),
    cancel: unary(() => service.cancel()),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { server, port };
}

/**
 * Main function of a plugin process.
 * @param args the process's own arguments; the first that is no option is the engine's address.
 */
export async function servePlugin(plugin: Plugin, args: readonly string[]): Promise<void> {
  const address = args.find((argument) => !argument.startsWith("-"));
  const engine = address === undefined ? undefined : new Engine(address);
  const cancellation = new Cancellation();
  const { server, port } = await startServer(plugin, engine, cancellation);
  // Calls in flight are finished even when nobody waits for their answer any more, as officially.
  const stop = (): void => {
    const leave = (): void => void cancellation.whenIdle().then(() => process.exit(0));
    server.tryShutdown(leave);
    // The engine gives all its plugins five seconds together, and blames the next one if this one uses them up.
    setTimeout(leave, SESSION_CLOSE_MILLISECONDS);
  };
  process.once("SIGINT", stop);
  engine?.watch(stop);
  process.stdout.write(`${port}\n`);
}
