/** Conversion between protobuf structs and property maps. */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isObject, Properties, withoutAbsent } from "./properties";

type JavaScript = Parameters<typeof Struct.fromJavaScript>[0];

/** Reads a property map off the wire; nothing is an empty map. */
export function fromStruct(struct: Struct | undefined): Properties {
  const value = withoutAbsent(struct?.toJavaScript() ?? {});
  return isObject(value) ? value : {};
}

/** Writes a property map for the wire, leaving absent members out. */
export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(withoutAbsent(properties) as JavaScript);
}
