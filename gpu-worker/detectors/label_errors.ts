import { auditStrata, binOf } from "@shared/audit/audit_strata.ts";
import { logOddsBins } from "@shared/audit/draw_audit.ts";
import type { ErrorEstimate, ErrorEstimates } from "@shared/types/result.ts";
import { selectLargest } from "../kernels/select_largest.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { errorCount } from "../signals/error_count.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import { concatFloat64, concatInt32 } from "./_concat.ts";
import { sharpenedSplits } from "./_sharpened_splits.ts";
import { unreviewedDraws } from "./_unreviewed_draws.ts";
import type { DrawCurve, LabelErrors } from "./label_errors_found.ts";
import type { ReviewedLabels } from "./reviewed_labels.ts";
import type { SplitRange } from "./detector.ts";

/** Judged labels of a split that make a number of what the evidence alone does not. */
const ENOUGH = 30;
/** Strata of an audit that must not all be like the top: so many judged labels each, all of them but one. */
const ENOUGH_EACH = 3;
/** Ranks that are told how many errors to expect up to. */
const TOPS = [100, 500] as const;

/**
 * Sharpens evidence by what people said, and settles the rows that they judged.
 *
 * Verdicts on samples that the model had trained on sharpen only such, those on others only others. Where there are enough of them in a split,
 * its probabilities and its rate may be told; too few leave that as it was.
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
  const sharpened = sharpenedSplits({
    logOdds: before,
    signals,
    givenLabels: given,
    suggestedLabels: concatInt32(evidence.map((e) => e.rival)),
    reviewedRows: judged,
    isWrong,
  }, ranges);
  const isEnough = ranges.map((range) => hasEnough(range, before, judged));
  const open = sharpened.logOdds.slice();
  const settled = sharpened.logOdds.slice();
  for (const row of rows) {
    open[row] = NaN;
    settled[row] = standing[row]! < 0 ? NaN : -Infinity;
  }
  const settledEvidence = evidence.map((own, i): LabelEvidence => {
    const { start, end } = ranges[i]!;
    const logOdds = settled.subarray(start, end);
    const hasRate = own.noiseRate !== null || isEnough[i]!;
    const share = rateIn(ranges[i]!, open, judged, isWrong);
    return {
      support: own.support,
      logOdds,
      probability: logOdds.map(sigmoid),
      rival: own.rival,
      isCalibrated: hasRate && (own.isCalibrated || isEnough[i]!),
      noiseRate: hasRate && !Number.isNaN(share) ? share : null,
    };
  });
  const training = ranges.findIndex(({ split }, i) =>
    split === "training" && settledEvidence[i]!.noiseRate !== null
  );
  const isByVerdicts = training < 0
    ? isEnough.includes(true)
    : isEnough[training]!;
  return {
    evidence: settledEvidence,
    logOdds: open,
    before,
    signals,
    ...drawsOf(ranges, isEnough, sharpened),
    basis: isByVerdicts ? "verdicts" : "scores",
  };
}

/**
 * How many labels to expect wrong among the first, among those flagged, and in a split. Only splits that have a rate count; null where none has,
 * or one that has not is asked for.
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
  const isTold = concatInt32(
    evidence.map((e) => e.logOdds.map(() => e.noiseRate === null ? 0 : 1)),
  );
  const open = Int32Array.from(logOdds.keys())
    .filter((row) => isTold[row] && !Number.isNaN(logOdds[row]!));
  if (!isTold.includes(1)) return null;
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
    flagged: count(flagged.filter((row) => isTold[row])),
    all: inAll && isTold.subarray(inAll.start, inAll.end).includes(1)
      ? allErrors()
      : null,
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

/** Draws of splits with enough verdicts by the curve that these gave, of others by what is usual. */
function drawsOf(
  ranges: readonly SplitRange[],
  isEnough: readonly boolean[],
  { logOdds, draw, drawOfAll }: ReturnType<typeof sharpenedSplits>,
): Pick<LabelErrors, "draw" | "drawOfAll"> {
  if (!isEnough.includes(false)) return { draw, drawOfAll };
  const usual = unreviewedDraws(logOdds);
  if (!isEnough.includes(true)) return usual;
  const isJudged = new Uint8Array(logOdds.length);
  ranges.forEach(({ start, end }, i) =>
    isJudged.fill(isEnough[i] ? 1 : 0, start, end)
  );
  const either = (own: DrawCurve, other: DrawCurve): DrawCurve => (normal) => {
    const [judged, unjudged] = [own(normal), other(normal)];
    return (row) => isJudged[row] ? judged(row) : unjudged(row);
  };
  return {
    draw: either(draw, usual.draw),
    drawOfAll: either(drawOfAll, usual.drawOfAll),
  };
}

/** Whether people judged enough labels of a split, and not of its top alone. */
function hasEnough(
  { start, end }: SplitRange,
  logOdds: Float64Array,
  judged: Int32Array,
): boolean {
  const own = judged.filter((row) =>
    start <= row && row < end && !Number.isNaN(logOdds[row]!)
  );
  return own.length >= ENOUGH &&
    isSpread(logOdds.subarray(start, end), own.map((row) => row - start));
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
