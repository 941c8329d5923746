/** What a rule over several fields is. */
import type { Draft } from "./draft";
import type { Problem } from "./problems";

/** A finding before the rule's name is put to it. */
export type Finding = Omit<Problem, "rule">;

/** One rule over the valid pieces of a configuration; it stays silent about pieces that are invalid themselves. */
export interface Rule {
  readonly name: string;
  check(draft: Draft): Finding[];
}
