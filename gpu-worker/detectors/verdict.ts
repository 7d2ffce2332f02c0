import { ISSUE_TYPES, type IssueType } from "@shared/types/issue.ts";
import type { ErrorEstimates, RunSummary } from "@shared/types/result.ts";
import type { SplitRange } from "./detector.ts";
import type { ClassPair, SampleIssue } from "./score_types.ts";

/** Samples that are enough for a number. */
const AUDIT_SIZE = 100;

/** What a summary is made from. */
export interface SummaryInputs {
  /** Class names in logit order. */
  readonly labelNames: readonly string[];
  /** Rows of each split. */
  readonly splits: readonly SplitRange[];
  /** Samples with a given label. */
  readonly nLabelled: number;
  /** Those of them whose label could be judged. */
  readonly nJudged: number;
  /** Findings. */
  readonly issues: readonly SampleIssue[];
  /** Pairs of given and suggested label. */
  readonly classPairs: readonly ClassPair[];
  /** Estimated share of wrong labels in the training split; null: not enough evidence. */
  readonly noiseRate: number | null;
  /** How many labels to expect wrong; null: not enough evidence. */
  readonly errors: ErrorEstimates | null;
}

/**
 * Counts of a revision, and the one to three sentences a person reads first.
 *
 * @param inputs What was found.
 * @returns The summary.
 *
 * @example
 * ```ts
 * import { summarize } from "./verdict.ts";
 * import assert from "node:assert/strict";
 *
 * const nothing = { labelNames: [], splits: [], nLabelled: 0, nJudged: 0, issues: [], classPairs: [], noiseRate: null, errors: null };
 * assert.equal(summarize(nothing).verdict, "No samples to score.");
 * ```
 */
export function summarize(
  inputs: SummaryInputs,
): Omit<RunSummary, "n_row_problems"> {
  const { splits, issues, labelNames, noiseRate, errors } = inputs;
  const counts: Partial<Record<IssueType, number>> = {};
  for (const type of ISSUE_TYPES) {
    const n = issues.filter((i) => i.issueType === type).length;
    if (n > 0) counts[type] = n;
  }
  const accuracy: Partial<Record<SplitRange["split"], number>> = {};
  for (const { split, accuracy: byEpoch } of splits) {
    const last = byEpoch.at(-1);
    if (last !== undefined && !Number.isNaN(last)) accuracy[split] = last;
  }
  return {
    verdict: verdictOf(inputs, counts),
    n_samples: splits.at(-1)?.end ?? 0,
    n_classes: labelNames.length,
    n_epochs: Math.max(0, ...splits.map((s) => s.epochs.length)),
    issue_counts: counts,
    estimated_noise_rate: noiseRate,
    noise_rate_interval: noiseRate === null || !errors?.all ? null : {
      low: errors.all.low / errors.all.n,
      high: errors.all.high / errors.all.n,
    },
    expected_errors: errors,
    accuracy,
  };
}

function verdictOf(
  { splits, nLabelled, nJudged, classPairs, labelNames, noiseRate }:
    SummaryInputs,
  counts: Partial<Record<IssueType, number>>,
): string {
  if (!splits.at(-1)?.end) return "No samples to score.";
  if (nLabelled === 0) {
    return "No sample is labelled, so no label could be checked.";
  }
  const flagged = counts.mislabeled ?? 0;
  const sentences: string[] = [];
  if (nJudged === 0) {
    sentences.push(
      `None of ${
        number(nLabelled)
      } labels could be checked: that takes two classes, and outputs of a model or something that tells samples apart.`,
    );
  } else if (flagged === 0) {
    sentences.push(`No label of ${number(nJudged)} looks wrong.`);
  } else {
    const top = classPairs.toSorted((a, b) => b.nFlagged - a.nFlagged)[0];
    const often = top && labelNames.length > 1
      ? `, most often "${labelNames[top.givenLabel]}" that should be "${
        labelNames[top.suggestedLabel]
      }" (${number(top.nFlagged)})`
      : "";
    sentences.push(
      `${number(flagged)} of ${number(nJudged)} labels look${
        flagged === 1 ? "s" : ""
      } wrong${often}.`,
    );
  }
  if (noiseRate === null && nJudged > 0) {
    sentences.push(
      `There is not enough evidence to say how many labels are wrong in all. Audit ${
        number(Math.min(AUDIT_SIZE, nJudged))
      } samples to find out.`,
    );
  }
  const conflicts = counts.label_conflict ?? 0;
  const leaks = counts.leakage ?? 0;
  const copies = counts.near_duplicate ?? 0;
  const found = [
    copies > 0 && `${number(copies)} samples are near duplicates of another`,
    conflicts > 0 && `${number(conflicts)} of them contradict a copy's label`,
    leaks > 0 && `${number(leaks)} outside the training split leak from it`,
  ].filter((part) => part !== false);
  if (found.length > 0) sentences.push(`${found.join("; ")}.`);
  const strange = [
    some(counts.outlier ?? 0, "lies", "lie", "far from all others"),
    some(counts.garbage ?? 0, "holds", "hold", "garbage"),
  ].filter((part) => part !== null);
  if (strange.length > 0) sentences.push(`${strange.join("; ")}.`);
  return sentences.join(" ");
}

function some(
  n: number,
  one: string,
  many: string,
  what: string,
): string | null {
  if (n === 0) return null;
  return n === 1
    ? `1 sample ${one} ${what}`
    : `${number(n)} samples ${many} ${what}`;
}

function number(n: number): string {
  return n.toLocaleString("en-US");
}
