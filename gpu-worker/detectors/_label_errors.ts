import type { ErrorEstimate, ErrorEstimates } from "@shared/types/result.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { errorCount } from "../signals/error_count.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import { sharpenedLogOdds } from "../signals/sharpened_log_odds.ts";
import { concatFloat64, concatInt32 } from "./_concat.ts";
import type { ReviewedLabels } from "./_reviews.ts";
import type { SplitRange } from "./detector.ts";

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
  /** Gives log-odds by a curve that could as well be right. */
  readonly draw: (normal: () => number) => (row: number) => number;
  /** What the curve was found from. */
  readonly basis: ErrorEstimates["basis"];
}

/** Judged labels that make a number of what the evidence alone does not, and how many of them must have looked right. */
const ENOUGH = 30;
const ENOUGH_LOOKED_RIGHT = 10;
/** Deviation of the log-odds of a rate without people: × or ÷ 2.2 holds 95 % of those that were measured. */
const UNCERTAINTY = Math.log(2.2) / 1.96;
/** Ranks that are told how many errors to expect up to. */
const TOPS = [100, 500] as const;

/**
 * Sharpens evidence by what people said, and settles the rows that they judged.
 *
 * @param evidence Evidence against the given labels, of each split.
 * @param ranges Rows of each split.
 * @param reviewed What people said.
 * @param signals What the evidence was made from, (n,) each.
 */
export function labelErrors(
  evidence: readonly LabelEvidence[],
  ranges: readonly SplitRange[],
  reviewed: ReviewedLabels,
  signals: readonly Float64Array[],
): LabelErrors {
  const before = concatFloat64(evidence.map(calibratedLogOdds));
  if (reviewed.rows.length === 0) {
    return {
      evidence,
      logOdds: before,
      before,
      signals,
      draw: (normal) => {
        const shift = UNCERTAINTY * normal();
        return (row) => before[row]! + shift;
      },
      basis: "scores",
    };
  }
  const { given, standing, rows, judged, isWrong } = reviewed;
  const sharpened = sharpenedLogOdds({
    logOdds: before,
    signals,
    givenLabels: given,
    suggestedLabels: concatInt32(evidence.map((e) => e.rival)),
    reviewedRows: judged,
    isWrong,
  });
  const isEnough = sharpened.nReviewed >= ENOUGH &&
    judged.filter((row) => before[row]! < 0).length >= ENOUGH_LOOKED_RIGHT;
  const open = sharpened.logOdds.slice();
  const settled = sharpened.logOdds.slice();
  for (const row of rows) {
    open[row] = NaN;
    settled[row] = standing[row]! < 0 ? NaN : -Infinity;
  }
  return {
    evidence: evidence.map((own, i): LabelEvidence => {
      const { start, end } = ranges[i]!;
      const logOdds = settled.subarray(start, end);
      const hasRate = own.noiseRate !== null || isEnough;
      const share = rateIn(ranges[i]!, open, judged, isWrong);
      return {
        support: own.support,
        logOdds,
        probability: logOdds.map(sigmoid),
        rival: own.rival,
        isCalibrated: hasRate && (own.isCalibrated || isEnough),
        noiseRate: hasRate && !Number.isNaN(share) ? share : null,
      };
    }),
    logOdds: open,
    before,
    signals,
    draw: isEnough ? sharpened.draw : (normal) => {
      const shift = UNCERTAINTY * normal();
      return (row) => sharpened.logOdds[row]! + shift;
    },
    basis: isEnough ? "verdicts" : "scores",
  };
}

/**
 * How many labels to expect wrong among the first, among those flagged, and in a split; null where the evidence is too thin for a number.
 *
 * @param errors What is known of wrong labels.
 * @param reviewed What people said.
 * @param flagged Rows flagged mislabeled.
 * @param inAll Rows whose share of wrong labels is told.
 */
export function errorEstimates(
  { evidence, logOdds, draw, basis }: LabelErrors,
  reviewed: ReviewedLabels,
  flagged: Int32Array,
  inAll: SplitRange | null,
): ErrorEstimates | null {
  const isThin = evidence.some((e) =>
    e.noiseRate === null && e.logOdds.some((z) => !Number.isNaN(z))
  );
  const order = Int32Array.from(logOdds.keys())
    .filter((row) => !Number.isNaN(logOdds[row]!))
    .sort((a, b) => logOdds[b]! - logOdds[a]! || a - b);
  if (isThin || order.length === 0) return null;
  const count = (
    rows: Int32Array,
    nConfirmed = 0,
    nReviewed = 0,
  ): ErrorEstimate => errorCount(rows, logOdds, draw, nConfirmed, nReviewed);
  let [nConfirmed, nReviewed] = [0, 0];
  reviewed.judged.forEach((row, i) => {
    if (!inAll || row < inAll.start || row >= inAll.end) return;
    nReviewed++;
    nConfirmed += reviewed.isWrong[i]!;
  });
  return {
    basis,
    top: TOPS.filter((n) => n <= order.length)
      .map((n) => count(order.subarray(0, n))),
    flagged: count(flagged),
    all: inAll && count(
      order.filter((row) => row >= inAll.start && row < inAll.end),
      nConfirmed,
      nReviewed,
    ),
  };
}

/** Log-odds whose sigmoid is the probability; what only breaks ties still does. */
function calibratedLogOdds({ logOdds, probability }: LabelEvidence) {
  let middle = -1;
  logOdds.forEach((z, row) => {
    if (
      !Number.isNaN(z) &&
      (middle < 0 || Math.abs(z) < Math.abs(logOdds[middle]!))
    ) middle = row;
  });
  if (middle < 0) return logOdds;
  const p = probability[middle]!;
  const shift = Math.log(p / (1 - p)) - logOdds[middle]!;
  return Math.abs(shift) < 1e-9 ? logOdds : logOdds.map((z) => z + shift);
}

/** Share of wrong labels: those that people found, and those to expect among the rest. */
function rateIn(
  { start, end }: SplitRange,
  open: Float64Array,
  judged: Int32Array,
  isWrong: Uint8Array,
): number {
  let [sum, n] = [0, 0];
  for (let row = start; row < end; row++) {
    if (Number.isNaN(open[row]!)) continue;
    sum += sigmoid(open[row]!);
    n++;
  }
  judged.forEach((row, i) => {
    if (row < start || row >= end) return;
    sum += isWrong[i]!;
    n++;
  });
  return sum / n;
}
