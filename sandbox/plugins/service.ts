/** The engine's ResourceProvider protocol over the handlers of a plugin, independent of the server that carries it. */
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Cancellation } from "./cancellation";
import { Change, DetailedDiff, pathHead } from "./diff";
import { Engine } from "./engine";
import { CheckFailure, Operation, Plugin, ResourceHandler } from "./operation";
import { Properties } from "./properties";
import { fromStruct, toStruct } from "./wire";

const { PropertyDiff } = proto;

/** Everything a call carries that makes an Operation of it. */
interface CallContext {
  readonly urn?: string;
  readonly preview?: boolean;
  readonly timeoutSeconds?: number;
  /** Aborts when the engine drops the call. */
  readonly dropped?: (listener: () => void) => void;
}

/** The context of a call that makes or changes a resource, in a preview or for real. */
function changeContext(
  request: proto.CreateRequest | proto.UpdateRequest,
  dropped: CallContext["dropped"],
): CallContext {
  return {
    urn: request.getUrn(),
    preview: request.getPreview(),
    timeoutSeconds: request.getTimeout(),
    ...(dropped && { dropped }),
  };
}

function kindOnWire(change: Change): proto.PropertyDiff.Kind {
  const kinds = {
    add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
    delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
    update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
  } as const;
  return kinds[change.kind][change.replace ? 1 : 0];
}

function diffResponse(diff: DetailedDiff): proto.DiffResponse {
  const response = new proto.DiffResponse();
  const changes = Object.entries(diff);
  const heads = (entries: [string, Change][]): string[] => [...new Set(entries.map(([path]) => pathHead(path)))];
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(heads(changes));
  response.setReplacesList(heads(changes.filter(([, change]) => change.replace)));
  response.setHasdetaileddiff(true);
  for (const [path, change] of changes) {
    const entry = new PropertyDiff();
    entry.setKind(kindOnWire(change));
    response.getDetaileddiffMap().set(path, entry);
  }
  return response;
}

function failuresOnWire(failures: readonly CheckFailure[]): proto.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

/** New inputs as a diff or an update sees them: ignored properties keep their old value, internal ones are dropped. */
function effectiveInputs(news: Properties, state: Properties, ignored: readonly string[]): Properties {
  const kept = Object.fromEntries(ignored.filter((key) => key in state).map((key) => [key, state[key]]));
  return { ...news, ...kept };
}

const withoutInternal = (news: Properties): Properties =>
  Object.fromEntries(Object.entries(news).filter(([key]) => key !== "version" && !key.startsWith("__")));

/** One running plugin. Errors are rejections whose message the user sees. */
export class PluginService {
  constructor(
    private readonly plugin: Plugin,
    private readonly cancellation: Cancellation,
    private readonly engine?: Engine,
  ) {}

  /** The type token within a URN names the handler; a URN holds the types of the parents, too, joined by `$`. */
  private handler(urn: string): ResourceHandler {
    const type = urn.split("::")[2]?.split("$").pop() ?? "";
    const handler = this.plugin.resources[type];
    if (!handler) {
      throw new Error(`Resource type '${type}' not found`);
    }
    return handler;
  }

  private run<T>(context: CallContext, body: (operation: Operation) => Promise<T>): Promise<T> {
    return this.cancellation.run(context.timeoutSeconds ?? 0, (signal, controller) => {
      context.dropped?.(() => controller.abort(new Error("context canceled")));
      const urn = context.urn ?? "";
      return body({
        urn,
        name: urn.split("::").slice(3).join("::"),
        preview: context.preview ?? false,
        signal,
        log: (severity, message, status = false) =>
          this.engine?.log(urn, severity, message, status) ?? Promise.resolve(),
      });
    });
  }

  getPluginInfo(): plugin.PluginInfo {
    const response = new plugin.PluginInfo();
    response.setVersion(this.plugin.version);
    return response;
  }

  /** Programs in TypeScript bring their own typings, so the schema only says who this is. */
  getSchema(): proto.GetSchemaResponse {
    const response = new proto.GetSchemaResponse();
    response.setSchema(JSON.stringify({ name: this.plugin.name, version: this.plugin.version }));
    return response;
  }

  checkConfig(request: proto.CheckRequest): proto.CheckResponse {
    const response = new proto.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }

  /** These plugins have no configuration of their own, so no change of it matters. */
  diffConfig(): proto.DiffResponse {
    return diffResponse({});
  }

  configure(): proto.ConfigureResponse {
    const response = new proto.ConfigureResponse();
    response.setAcceptsecrets(this.plugin.acceptSecrets);
    response.setSupportspreview(true);
    response.setAcceptresources(true);
    response.setAcceptoutputs(this.plugin.acceptSecrets);
    return response;
  }

  async invoke(request: proto.InvokeRequest, dropped?: CallContext["dropped"]): Promise<proto.InvokeResponse> {
    const call = this.plugin.functions?.[request.getTok()];
    if (!call) {
      throw new Error(`Invoke '${request.getTok()}' not found`);
    }
    const result = await this.run({ ...(dropped && { dropped }) }, (operation) =>
      call(fromStruct(request.getArgs()), operation),
    );
    const response = new proto.InvokeResponse();
    response.setReturn(toStruct(result));
    return response;
  }

  async check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    const handler = this.handler(request.getUrn());
    const { inputs, failures } = await this.run({ urn: request.getUrn() }, (operation) =>
      handler.check(fromStruct(request.getNews()), operation),
    );
    const response = new proto.CheckResponse();
    response.setInputs(toStruct(inputs));
    response.setFailuresList(failuresOnWire(failures));
    return response;
  }

  diff(request: proto.DiffRequest): proto.DiffResponse {
    const state = fromStruct(request.getOlds());
    const news = effectiveInputs(fromStruct(request.getNews()), state, request.getIgnorechangesList());
    const oldInputs = fromStruct(request.getOldInputs());
    return diffResponse(this.handler(request.getUrn()).diff({ state, oldInputs, news: withoutInternal(news) }));
  }

  async create(request: proto.CreateRequest, dropped?: CallContext["dropped"]): Promise<proto.CreateResponse> {
    const context = changeContext(request, dropped);
    const handler = this.handler(request.getUrn());
    const created = await this.run(context, (operation) =>
      handler.create(fromStruct(request.getProperties()), operation),
    );
    const response = new proto.CreateResponse();
    response.setId(created.id);
    response.setProperties(toStruct(created.properties));
    return response;
  }

  read(request: proto.ReadRequest): proto.ReadResponse {
    const state = fromStruct(request.getProperties());
    const handler = this.handler(request.getUrn());
    const response = new proto.ReadResponse();
    response.setId(request.getId());
    response.setProperties(toStruct(handler.read?.(state) ?? state));
    response.setInputs(request.getInputs());
    return response;
  }

  async update(request: proto.UpdateRequest, dropped?: CallContext["dropped"]): Promise<proto.UpdateResponse> {
    const state = fromStruct(request.getOlds());
    const news = effectiveInputs(fromStruct(request.getNews()), state, request.getIgnorechangesList());
    const oldInputs = fromStruct(request.getOldInputs());
    const context = changeContext(request, dropped);
    const handler = this.handler(request.getUrn());
    const properties = await this.run(context, (operation) =>
      handler.update({ id: request.getId(), state, oldInputs, news }, operation),
    );
    const response = new proto.UpdateResponse();
    response.setProperties(toStruct(properties));
    return response;
  }

  async delete(request: proto.DeleteRequest, dropped?: CallContext["dropped"]): Promise<Empty> {
    const context = {
      urn: request.getUrn(),
      timeoutSeconds: request.getTimeout(),
      ...(dropped && { dropped }),
    };
    const handler = this.handler(request.getUrn());
    await this.run(context, async (operation) => handler.delete?.(fromStruct(request.getProperties()), operation));
    return new Empty();
  }

  cancel(): Empty {
    this.cancellation.cancel();
    return new Empty();
  }
}
