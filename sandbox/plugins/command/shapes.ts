/** The command plugin's input types, as in the schema of pulumi-command 1.2.1. */
import { Field, Shape, Struct } from "./shape";

const optional = (shape: Shape): Field => ({ shape, optional: true });
const withDefault = (shape: Shape, value: string | number): Field => ({ shape, optional: true, default: value });
const optionalSecret: Field = { shape: "string", optional: true, secret: true };

const CONNECTION_FIELDS: Record<string, Field> = {
  user: withDefault("string", "root"),
  password: optionalSecret,
  host: { shape: "string" },
  port: withDefault("number", 22),
  privateKey: optionalSecret,
  privateKeyPassword: optionalSecret,
  agentSocketPath: optional("string"),
  dialErrorLimit: withDefault("integer", 10),
  perDialTimeout: withDefault("integer", 15),
  hostKey: optional("string"),
};

const PROXY: Struct = { struct: "remote.ProxyConnection", fields: CONNECTION_FIELDS };
const CONNECTION: Struct = {
  struct: "remote.Connection",
  fields: { ...CONNECTION_FIELDS, proxy: optional(PROXY) },
};

const LIFECYCLE: Record<string, Field> = {
  triggers: optional({ list: "any" }),
  create: optional("string"),
  update: optional("string"),
  delete: optional("string"),
};

const EXECUTION: Record<string, Field> = {
  stdin: optional("string"),
  logging: optional("string"),
  environment: optional({ map: "string" }),
  addPreviousOutputInEnv: optional("boolean"),
};

const LOCAL_EXECUTION: Record<string, Field> = {
  ...EXECUTION,
  interpreter: optional({ list: "string" }),
  dir: optional("string"),
  assetPaths: optional({ list: "string" }),
  archivePaths: optional({ list: "string" }),
};

const connection: Field = { shape: CONNECTION, secret: true };

/** Inputs of `command:remote:Command`. */
export const REMOTE_COMMAND: Struct = {
  struct: "remote.CommandInputs",
  fields: { ...LIFECYCLE, ...EXECUTION, connection },
};

/** Inputs of `command:local:Command`. */
export const LOCAL_COMMAND: Struct = { struct: "local.CommandInputs", fields: { ...LIFECYCLE, ...LOCAL_EXECUTION } };

/** Arguments of `command:local:run`. */
export const LOCAL_RUN: Struct = {
  struct: "local.RunInputs",
  fields: { ...LOCAL_EXECUTION, command: { shape: "string" } },
};

/** Inputs of `command:remote:CopyToRemote`. */
export const COPY_TO_REMOTE: Struct = {
  struct: "remote.CopyToRemoteInputs",
  fields: {
    connection,
    triggers: optional({ list: "any" }),
    source: { shape: "asset" },
    remotePath: { shape: "string" },
  },
};
