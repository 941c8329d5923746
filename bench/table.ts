import { TARGETS, type Findings } from "./part";
import { summarise } from "./statistics";

const HEAD = ["", "samples", "least", "median", "most", "target"];

/** The figures as a table for people: one line for each list of samples, then one for each ratio. */
export function table({ samples, ratios }: Findings): string {
  const rows = [
    HEAD,
    ...Object.entries(samples).map(([name, values]) => {
      const { count, minimum, median, maximum } = summarise(values);
      return [name, String(count), figure(minimum), figure(median), figure(maximum), verdict(name, maximum)];
    }),
    ["ratio", "", "", "", "", ""],
    ...Object.entries(ratios).map(([name, value]) => [name, "", "", figure(value), "", verdict(name, value)]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Three significant digits, all of those before the point. */
function figure(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

function verdict(name: string, value: number): string {
  const target = TARGETS[name];
  if (target === undefined) return "";
  return `at most ${target}: ${value <= target ? "met" : "MISSED"}`;
}

/** Names to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === HEAD.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}
