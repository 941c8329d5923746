import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Cancellation } from "../../../sandbox/plugins/cancellation";
import { commandPlugin } from "../../../sandbox/plugins/command";
import { secret } from "../../../sandbox/plugins/properties";
import { startServer } from "../../../sandbox/plugins/serve";
import { fromStruct, toStruct } from "../../../sandbox/plugins/wire";

const URN = "urn:pulumi:dev::test::parent:type:Type$command:local:Command::thing";
let server: grpc.Server;
let client: ResourceProviderClient;

beforeAll(async () => {
  const started = await startServer(commandPlugin);
  server = started.server;
  client = new ResourceProviderClient(`127.0.0.1:${started.port}`, grpc.credentials.createInsecure());
});
afterAll(() => {
  client.close();
  server.forceShutdown();
});

function create(properties: Record<string, unknown>, timeoutSeconds = 0): Promise<proto.CreateResponse> {
  const request = new proto.CreateRequest();
  request.setUrn(URN);
  request.setProperties(toStruct(properties));
  request.setTimeout(timeoutSeconds);
  return new Promise((resolve, reject) => {
    client.create(request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

test("secrets and previews are taken as they come", async () => {
  const response = await new Promise<proto.ConfigureResponse>((resolve, reject) => {
    client.configure(new proto.ConfigureRequest(), (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  expect(response.toObject()).toMatchObject({ acceptsecrets: true, supportspreview: true });
});

test("a secret input comes back secret, an output does not become one", async () => {
  const response = await create({ create: "cat", stdin: secret("hidden") });
  expect(response.getId()).toMatch(/^thing[0-9a-f]{8}$/);
  expect(fromStruct(response.getProperties())).toMatchObject({ stdin: secret("hidden"), stdout: "hidden" });
});

test("an error arrives as its message, without a stack", async () => {
  await expect(create({ create: "exit 4" })).rejects.toMatchObject({
    code: grpc.status.UNKNOWN,
    details: 'exit status 4: running "exit 4":\n',
  });
});

test("the custom timeout ends a local command", async () => {
  await expect(create({ create: "exec sleep 30" }, 1)).rejects.toMatchObject({
    details: expect.stringContaining("signal: killed") as string,
  });
});

test("a difference names properties and paths", async () => {
  const request = new proto.DiffRequest();
  request.setUrn(URN);
  request.setOldInputs(toStruct({ create: "a", triggers: [1] }));
  request.setNews(toStruct({ create: "b", triggers: [2], version: "1" }));
  const response = await new Promise<proto.DiffResponse>((resolve, reject) => {
    client.diff(request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  expect(response.getChanges()).toBe(proto.DiffResponse.DiffChanges.DIFF_SOME);
  expect(response.getDiffsList().sort()).toEqual(["create", "triggers"]);
  expect(response.getReplacesList()).toEqual([]);
  expect(response.getDetaileddiffMap().getLength()).toBe(2);
});

test("cancellation aborts what runs and what comes", async () => {
  const cancellation = new Cancellation();
  const aborted = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve) => {
      const tell = (): void => resolve((signal.reason as Error).message);
      return signal.aborted ? tell() : signal.addEventListener("abort", tell);
    });
  const running = cancellation.run(0, aborted);
  cancellation.cancel();
  expect(await running).toBe("context canceled");
  expect(await cancellation.run(0, aborted)).toBe("context canceled");
});
