import { auditStrata, binOf } from "@shared/audit/audit_strata.ts";
import { logOddsBins } from "@shared/audit/draw_audit.ts";
import type { ErrorEstimate, ErrorEstimates } from "@shared/types/result.ts";
import { selectLargest } from "../kernels/select_largest.ts";
import { shiftToMean } from "../kernels/shift_to_mean.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { errorCount } from "../signals/error_count.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import { sharpenedLogOdds } from "../signals/sharpened_log_odds.ts";
import { concatFloat64, concatInt32 } from "./_concat.ts";
import type { ReviewedLabels } from "./reviewed_labels.ts";
import type { SplitRange } from "./detector.ts";

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
  /** What the curve was found from. */
  readonly basis: ErrorEstimates["basis"];
}

/** Judged labels that make a number of what the evidence alone does not. */
const ENOUGH = 30;
/** Strata of an audit that must not all be like the top: so many judged labels each, all of them but one. */
const ENOUGH_EACH = 3;
/** Deviation of the log-odds of a rate without people: × or ÷ 2.2 holds 95 % of those that were measured. */
const RATE_UNCERTAINTY = Math.log(2.2) / 1.96;
/** Between these, shifts of log-odds are interpolated; of more rows every so-manieth is asked for them. */
const GRID = Array.from({ length: 13 }, (_, i) => 0.2 * (i - 6));
const MOST_ROWS = 10_000;
/** Deviations of constant and slope of the curve at one place of the ranking, without people. */
const [CONSTANT, SLOPE] = [0.8, 0.3];
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
      ...unreviewedDraws(before),
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
  const isEnough = sharpened.nReviewed >= ENOUGH && isSpread(before, judged);
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
    ...(isEnough
      ? { draw: sharpened.draw, drawOfAll: sharpened.draw }
      : unreviewedDraws(sharpened.logOdds)),
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
  { evidence, logOdds, draw, drawOfAll, basis }: LabelErrors,
  reviewed: ReviewedLabels,
  flagged: Int32Array,
  inAll: SplitRange | null,
): ErrorEstimates | null {
  const isThin = evidence.some((e) =>
    e.noiseRate === null && e.logOdds.some((z) => !Number.isNaN(z))
  );
  const open = Int32Array.from(logOdds.keys())
    .filter((row) => !Number.isNaN(logOdds[row]!));
  if (isThin || open.length === 0) return null;
  const first = firstOf(open, logOdds, TOPS.at(-1)!);
  const count = (rows: Int32Array): ErrorEstimate =>
    errorCount(rows, logOdds, draw);
  let [nConfirmed, nReviewed] = [0, 0];
  reviewed.judged.forEach((row, i) => {
    if (!inAll || row < inAll.start || row >= inAll.end) return;
    nReviewed++;
    nConfirmed += reviewed.isWrong[i]!;
  });
  const allErrors = (): ErrorEstimate => {
    const { start, end } = inAll!;
    const rows = open.filter((row) => row >= start && row < end);
    const all = errorCount(rows, logOdds, drawOfAll, nConfirmed, nReviewed);
    // while people found none there may be none
    const isNone = basis === "verdicts" && nConfirmed === 0;
    return isNone ? { ...all, low: 0 } : all;
  };
  return {
    basis,
    top: TOPS.filter((n) => n <= first.length)
      .map((n) => count(first.subarray(0, n))),
    flagged: count(flagged),
    all: inAll && allErrors(),
  };
}

/** The rows with the largest log-odds, at most m, largest first. */
function firstOf(
  rows: Int32Array,
  logOdds: Float64Array,
  m: number,
): Int32Array {
  const values = Float32Array.from(rows, (row) => logOdds[row]!);
  const places = new Int32Array(Math.min(m, rows.length));
  const scratch = new Float32Array(rows.length);
  selectLargest(values, 0, rows.length, m, -1, places, scratch);
  return places.map((place) => rows[place]!)
    .sort((a, b) => logOdds[b]! - logOdds[a]! || a - b);
}

/** Curves as they could as well be where people said too little: by how far estimates were off elsewhere. */
function unreviewedDraws(
  logOdds: Float64Array,
): Pick<LabelErrors, "draw" | "drawOfAll"> {
  const shiftOf = shiftsOfRate(logOdds);
  return {
    draw(normal) {
      const [constant, slope] = [CONSTANT * normal(), 1 + SLOPE * normal()];
      return (row) => constant + slope * logOdds[row]!;
    },
    drawOfAll(normal) {
      const shift = shiftOf(RATE_UNCERTAINTY * normal());
      return (row) => logOdds[row]! + shift;
    },
  };
}

/** The shift of log-odds that moves those of their mean probability by so much: far more, as most labels are surely right. */
function shiftsOfRate(logOdds: Float64Array): (ofRate: number) => number {
  const step = Math.max(1, logOdds.length / MOST_ROWS);
  const some = Float64Array.from(
    { length: Math.ceil(logOdds.length / step) },
    (_, i) => logOdds[Math.floor(i * step)]!,
  );
  let [sum, n] = [0, 0];
  for (const z of some) {
    if (Number.isNaN(z)) continue;
    sum += sigmoid(z);
    n++;
  }
  if (!(sum > 0 && sum < n)) return (ofRate) => ofRate;
  const logit = Math.log(sum / (n - sum));
  const shifts = GRID.map((x) => shiftToMean(some, sigmoid(logit + x)));
  return (ofRate) => {
    const at = (ofRate - GRID[0]!) / (GRID[1]! - GRID[0]!);
    const place = Math.max(0, Math.min(GRID.length - 2, Math.floor(at)));
    const [low, high] = [shifts[place]!, shifts[place + 1]!];
    return low + (at - place) * (high - low);
  };
}

/** Whether labels were judged all along the ranking: the top alone says little of the rest. */
function isSpread(logOdds: Float64Array, judged: Int32Array): boolean {
  const strata = auditStrata(logOddsBins(logOdds), ENOUGH);
  const counts = strata.map(({ from, to }) =>
    judged.filter((row) => {
      const bin = binOf(logOdds[row]!);
      return from <= bin && bin <= to; // NaN fails
    }).length
  );
  const enough = counts.filter((n) => n >= ENOUGH_EACH).length;
  return enough >= Math.max(1, strata.length - 1);
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
