/** What the commands share: choice of the stack, errors for people, output. */
import { existsSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";

/** A mistake or an outside failure that is explained by its message alone. */
export class OperationError extends Error {
  override readonly name = "OperationError";
}

/** The stack that a command works on. */
export interface StackChoice {
  readonly name: string;
  /** Path of its Pulumi.<stack>.yaml. */
  readonly file: string;
}

/** Folder of the Pulumi program. */
export const projectDirectory = join(__dirname, "..");

/**
 * Chooses stack and stack file: `--stack`, else $PULUMI_OPTION_STACK or $HOMELAB_STACK, else the stack that the file in
 * $PULUMI_OPTION_CONFIG_FILE is named after, else `home`. That variable names Pulumi's own choice of file, so it is ours, too.
 */
export function chooseStack(option: string | undefined, environment: NodeJS.ProcessEnv = process.env): StackChoice {
  const { PULUMI_OPTION_STACK, HOMELAB_STACK, PULUMI_OPTION_CONFIG_FILE: configFile } = environment;
  const chosen = [option, PULUMI_OPTION_STACK, HOMELAB_STACK].find((name) => name !== undefined && name !== "");
  const named = configFile ? /^Pulumi\.(.+)\.ya?ml$/.exec(basename(configFile))?.[1] : undefined;
  const name = chosen ?? named ?? "home";
  // "organization/project/stack" is the same stack file as "stack".
  const file = configFile || `Pulumi.${name.split("/").at(-1)}.yaml`;
  return { name, file: isAbsolute(file) ? file : inProject(file) };
}

function inProject(file: string): string {
  return existsSync(file) ? file : join(projectDirectory, file);
}

/** Lays out rows in columns, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
