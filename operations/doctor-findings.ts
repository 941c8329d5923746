/** The findings of `doctor`, in order and as text. */
import type { HomelabConfig } from "../config/types";
import { certificateFindings } from "./certificate-findings";
import { table } from "./command-line";
import type { Finding, Severity } from "./finding";
import { hostFindings, type HostFacts } from "./host-findings";
import type { StatusReport } from "./status-report";

/**
 * All findings, errors first.
 *
 * @param facts one entry a host
 * @param others what is wrong beside hosts and cluster: the layers, as layers/findings.ts knows it, and the kubeconfig
 */
export function findingsOf(
  config: HomelabConfig,
  facts: readonly HostFacts[],
  status: StatusReport,
  others: readonly Finding[],
): Finding[] {
  const findings = [
    ...status.findings,
    ...facts.flatMap((one) => hostFindings(config, one)),
    ...status.nodes.flatMap(certificateFindings),
    ...others,
  ];
  return findings.sort(
    (one, other) => one.severity.localeCompare(other.severity) || one.where.localeCompare(other.where),
  );
}

/** A line for each finding, and a closing one. */
export function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return "all is well";
  const rows = findings.map(({ severity, where, what, why }) => [severity, where, `${what}: ${why}`]);
  const lines = table(rows)
    .split("\n")
    .flatMap((line, index) => [line, `         -> ${findings[index]?.remedy ?? ""}`]);
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return [...lines, "", `${count("error")} errors, ${count("warning")} warnings`].join("\n");
}

/** 0 if all is well, 1 with an error, 3 with warnings only. */
export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.length === 0) return 0;
  return findings.some(({ severity }) => severity === "error") ? 1 : 3;
}
