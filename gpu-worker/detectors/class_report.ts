import type { DynamicsResult } from "../signals/dynamics_result.ts";
import { jointOfRows } from "../signals/joint_of_rows.ts";
import type { SplitRange } from "./detector.ts";
import type { ClassPair, ClassQuality } from "./score_types.ts";

/** Columns the report is counted from, (n,). */
export interface ClassReportInputs {
  /** Labels as they stand, -1 where unlabelled. */
  readonly labels: Int32Array;
  /** Predictions of the last epoch, -1 where never met. */
  readonly predictions: Int32Array;
  /** Most likely other label of each sample. */
  readonly rival: Int32Array;
  /** 1 where flagged mislabeled. */
  readonly isMislabeled: Uint8Array;
  /** NaN where unknown. */
  readonly dataErrorPotential: ArrayLike<number>;
}

/**
 * Quality of every class of one split: counts, precision, recall and F1 of the
 * last predictions against labels as they stand, and estimated noise. O(n * n_classes).
 *
 * @param columns Columns over all rows.
 * @param range Rows of the split.
 * @param dynamics Its training dynamics.
 * @returns One entry a class, in class order.
 */
export function classReport(
  columns: ClassReportInputs,
  range: SplitRange,
  dynamics: DynamicsResult,
): ClassQuality[] {
  const { labels, predictions, isMislabeled, dataErrorPotential } = columns;
  const { meanProbs } = dynamics;
  const nClasses = meanProbs.cols;
  const zeros = () => new Float64Array(nClasses);
  const [nGiven, nPredicted, nMislabeled] = [zeros(), zeros(), zeros()];
  const [nGivenMet, nPredictedGiven, nRight] = [zeros(), zeros(), zeros()];
  const [potential, nPotential] = [zeros(), zeros()];
  for (let row = range.start; row < range.end; row++) {
    const [given, predicted] = [labels[row]!, predictions[row]!];
    if (predicted >= 0) nPredicted[predicted]!++;
    if (given < 0) continue;
    nGiven[given]!++;
    if (isMislabeled[row]) nMislabeled[given]!++;
    if (!Number.isNaN(dataErrorPotential[row]!)) {
      potential[given]! += dataErrorPotential[row]!;
      nPotential[given]!++;
    }
    if (predicted < 0) continue;
    nGivenMet[given]!++;
    nPredictedGiven[predicted]!++;
    if (given === predicted) nRight[given]!++;
  }
  const noise = range.isOutOfSample
    ? jointNoise(dynamics)
    : nMislabeled.map((n, k) => n / nGiven[k]!);
  return Array.from(nGiven, (_, label) => {
    const precision = ratio(nRight[label]!, nPredictedGiven[label]!);
    const recall = ratio(nRight[label]!, nGivenMet[label]!);
    return {
      split: range.split,
      label,
      nGiven: nGiven[label]!,
      nPredicted: nPredicted[label]!,
      nMislabeled: nMislabeled[label]!,
      precision,
      recall,
      f1: precision === null || recall === null
        ? null
        : ratio(2 * precision * recall, precision + recall) ?? 0,
      meanDataErrorPotential: ratio(potential[label]!, nPotential[label]!),
      noiseRate: Number.isFinite(noise[label]!) ? noise[label]! : null,
    };
  });
}

/**
 * Pairs of given and suggested label among the flagged samples of one split,
 * most flagged first. O(n).
 *
 * @param columns Columns over all rows.
 * @param range Rows of the split.
 * @returns Pairs that occur.
 */
export function classPairs(
  columns: ClassReportInputs,
  range: SplitRange,
): ClassPair[] {
  const { labels, rival, isMislabeled } = columns;
  const given = new Map<number, number>();
  const flagged = new Map<string, [number, number, number]>();
  for (let row = range.start; row < range.end; row++) {
    const [y, k] = [labels[row]!, rival[row]!];
    if (y < 0) continue;
    given.set(y, (given.get(y) ?? 0) + 1);
    if (!isMislabeled[row] || k < 0) continue;
    const pair = flagged.get(`${y} ${k}`) ?? [y, k, 0];
    pair[2]++;
    flagged.set(`${y} ${k}`, pair);
  }
  return [...flagged.values()]
    .sort((a, b) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1])
    .map(([givenLabel, suggestedLabel, nFlagged]) => ({
      split: range.split,
      givenLabel,
      suggestedLabel,
      nFlagged,
      shareOfGiven: nFlagged / given.get(givenLabel)!,
    }));
}

function jointNoise({ meanProbs, labels }: DynamicsResult): Float64Array {
  const { counts } = jointOfRows(meanProbs, labels);
  const n = meanProbs.cols;
  return Float64Array.from({ length: n }, (_, k) => {
    const row = counts.subarray(k * n, (k + 1) * n);
    return 1 - row[k]! / row.reduce((a, b) => a + b, 0);
  });
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
