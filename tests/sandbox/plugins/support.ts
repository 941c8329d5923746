/** An operation without an engine that remembers what it was told. */
import { Operation } from "../../../sandbox/plugins/operation";

export interface RecordedOperation extends Operation {
  readonly logs: { severity: string; message: string; status: boolean }[];
}

export function operation(overrides: Partial<Operation> = {}): RecordedOperation {
  const logs: RecordedOperation["logs"] = [];
  return {
    urn: "urn:pulumi:dev::test::command:remote:Command::thing",
    name: "thing",
    preview: false,
    signal: new AbortController().signal,
    log(severity, message, status = false) {
      logs.push({ severity, message, status });
      return Promise.resolve();
    },
    logs,
    ...overrides,
  };
}
