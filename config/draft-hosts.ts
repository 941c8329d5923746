/** The valid pieces of `homelab:hostSettings` that rules relate to others. */
import { canonicalAnyAddress } from "./canonical";
import type { Placed } from "./draft-layers";
import { items, member, valid } from "./draft-pieces";
import { anyAddress } from "./schema-fields";
import { hostSettingsSchema } from "./schema-hosts";

/** The hosts' part of a draft. */
export interface HostSettingsDraft {
  readonly hostNameservers: readonly Placed<string>[];
  /** Undefined if one of the two is invalid. */
  readonly imageGc?: { readonly highPercent: number; readonly lowPercent: number } | undefined;
}

/** Takes the valid pieces of `homelab:hostSettings` out of `raw`, whatever it is. */
export function hostSettingsDraft(raw: unknown): HostSettingsDraft {
  const settings = member(raw, "hostSettings");
  return {
    hostNameservers: items(member(settings, "nameservers")).flatMap(([index, value]) => {
      const address = valid(anyAddress(), value);
      if (address === undefined) return [];
      return [{ path: `hostSettings.nameservers[${index}]`, value: canonicalAnyAddress(address) }];
    }),
    imageGc: valid(hostSettingsSchema.shape.imageGc, member(settings, "imageGc")),
  };
}
