import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";

/** Record types that the emulator knows; what our programs and cert-manager write is among them. */
export const RECORD_TYPES = ["A", "AAAA", "CNAME", "TXT"] as const;

/** Type of a record. */
export type RecordType = (typeof RECORD_TYPES)[number];

/** One record of the zone, with the API's own names of its fields. */
export interface ZoneRecord {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly type: RecordType;
  /** Whole name in lower case without a dot at the end. */
  readonly name: string;
  readonly content: string;
  /** Seconds; 1 is automatic. */
  readonly ttl: number;
  readonly proxied: boolean;
  readonly comment: string | null;
  readonly created_on: string;
  readonly modified_on: string;
  readonly comment_modified_on?: string | undefined;
}

/** The one zone of the emulator. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  /** Serial number of the SOA record: one more with each change. */
  readonly serial: number;
  readonly records: readonly ZoneRecord[];
}

/**
 * The zone's file: what the API writes and the name server reads. It outlives both, and a reader never sees half of it.
 * There is one writer, the API's process.
 */
export class ZoneFile {
  private cached: { readonly key: string; readonly zone: Zone } | undefined;

  constructor(private readonly path: string) {}

  /** Makes the file of an empty zone unless it holds that very zone already. */
  ensure(name: string): Zone {
    if (existsSync(this.path)) {
      const zone = this.read();
      if (zone.name === name) return zone;
    }
    return this.write({ id: newIdentifier(), name, serial: 1, records: [] });
  }

  /** The zone as it is now. */
  read(): Zone {
    // Each write makes another file, so that its number or time tells whether it was read before.
    const { ino, mtimeMs, size } = statSync(this.path);
    const key = `${ino} ${mtimeMs} ${size}`;
    if (this.cached?.key !== key) this.cached = { key, zone: JSON.parse(readFileSync(this.path, "utf8")) as Zone };
    return this.cached.zone;
  }

  /** Puts other records into the zone. */
  change(records: readonly ZoneRecord[]): void {
    const zone = this.read();
    this.write({ ...zone, serial: zone.serial + 1, records });
  }

  private write(zone: Zone): Zone {
    writeFileSync(`${this.path}.new`, JSON.stringify(zone, null, 1), { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
    return zone;
  }
}

/** An identifier of the form that the API uses. */
export function newIdentifier(): string {
  return randomBytes(16).toString("hex");
}
