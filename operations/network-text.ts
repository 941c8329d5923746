/** What `network` prints. */
import { table } from "./command-line";
import type { RouterSettings } from "./network";

/** The settings as one screen, in the order in which a router's pages are gone through. */
export function settingsText(settings: RouterSettings): string {
  const { nameServers, reserved, notes } = settings;
  const sections = [
    ["DHCP: keep these addresses out of the range it gives away", ...rows(reserved.map(reservedRow))],
    nameServers.length === 0
      ? ["DHCP: name server: leave as it is"]
      : [
          "DHCP: hand out as name server these addresses and no other, which would not know the home's names",
          ...rows(nameServers.map((address) => [address])),
        ],
    forwardsSection(settings),
    ...(notes.length === 0 ? [] : [["Note", ...rows(notes.map((note) => [note]))]]),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function forwardsSection({ openings, publicNames }: RouterSettings): string[] {
  if (publicNames.length === 0) {
    return ["Port forwards: none; no name is public, and certificates need no way in"];
  }
  const lines = openings.map(({ family, protocol, port, to }) => {
    const verb = family === "ipv4" ? "forward" : "allow";
    return [family === "ipv4" ? "IPv4" : "IPv6", `${verb} ${protocol.toUpperCase()} ${port}`, "to", `${to}`];
  });
  return [
    `Port forwards, for ${publicNames.join(", ")}`,
    ...(lines.length === 0 ? ["  none: no family has sources"] : rows(lines)),
  ];
}

function reservedRow({ addresses, purpose }: RouterSettings["reserved"][number]): string[] {
  return [addresses, purpose];
}

function rows(cells: readonly (readonly string[])[]): string[] {
  return table(cells)
    .split("\n")
    .map((line) => `  ${line}`);
}
