import type { ErrorEstimates } from "@shared/types/result.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";

/** Gives a curve: log-odds of any row. */
export type DrawCurve = (normal: () => number) => (row: number) => number;

/** What is known of wrong labels once people have judged some, or none. */
export interface LabelErrors {
  /** Evidence of each split; that of rows which people judged is settled: the label that stands is not wrong. */
  readonly evidence: readonly LabelEvidence[];
  /** Log-odds that the given label is wrong, of rows nobody judged, NaN elsewhere, (n,). */
  readonly logOdds: Float64Array;
  /** Log-odds that the given label was wrong before anybody judged, (n,). */
  readonly before: Float64Array;
  /** What they were made from and may be corrected by, (n,) each. */
  readonly signals: readonly Float64Array[];
  /** Gives log-odds by a curve that could as well be right, for a part of the labels. */
  readonly draw: DrawCurve;
  /** The same for all of them, where errors of both signs meet. */
  readonly drawOfAll: DrawCurve;
  /** What the curve of the training split was found from, or where that has no rate, of any. */
  readonly basis: ErrorEstimates["basis"];
}
