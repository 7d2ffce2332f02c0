// deno-lint-ignore-file camelcase
import type {
  CalibrationReport,
  ClassNumbers,
  ConfusionCell,
  LabelNoiseReport,
  SplitReport,
} from "@shared/types/report.ts";
import { calibrationBins } from "../kernels/calibration_bins.ts";
import { fitTemperature } from "../kernels/fit_temperature.ts";
import type { Probs } from "../kernels/prob_rows.ts";
import { wilsonInterval } from "../kernels/wilson_interval.ts";
import { type DynamicsState, lastProbsOf } from "../signals/dynamics_state.ts";
import { jointOfRows } from "../signals/joint_of_rows.ts";
import type { SplitRange } from "./detector.ts";

/** A sample of a class that has many is worth less: b in `(1 - b^n) / (1 - b)`. */
const OVERLAP = 0.999;
/** Rows that a temperature is fitted on. */
const MOST_FITTED = 4000;
/** Cells of a confusion matrix told: those on the diagonal, and of the others the largest. */
const MOST_CELLS = 10_000;
/** Pairs of labels told. */
const MOST_PAIRS = 200;

/** What a split is reported from, over its rows. */
export interface SplitReportInputs {
  /** Class names. */
  readonly labelNames: readonly string[];
  /** Rows of the split. */
  readonly range: SplitRange;
  /** Labels as they stand, -1 where unlabelled, (n,). */
  readonly labels: Int32Array;
  /** Predictions of the last epoch or of the probe, -1 unknown, (n,). */
  readonly predictions: Int32Array;
  /** Folded epochs. */
  readonly dynamics: DynamicsState;
  /** Honest probabilities and whose they are; null: none. */
  readonly honest: HonestProbs | null;
}

/** Probabilities of samples by someone who had not seen their labels. */
export interface HonestProbs {
  readonly judge: LabelNoiseReport["judge"];
  /** NaN rows where unknown, (n, n_classes). */
  readonly probs: Probs;
}

/** Reports one split. O(n * n_classes). */
export function splitReport(inputs: SplitReportInputs): SplitReport {
  const { labelNames, range, labels, honest } = inputs;
  const given = new Float64Array(labelNames.length);
  for (const y of labels) if (y >= 0) given[y]!++;
  const some = given.filter((n) => n > 0);
  return {
    split: range.split,
    imbalance_ratio: some.length > 0
      ? Math.max(...some) / Math.min(...some)
      : null,
    confusion_matrix: confusionMatrix(inputs),
    classes: labelNames.map((label, k): ClassNumbers => ({
      label,
      n_given: given[k]!,
      effective_number: (1 - OVERLAP ** given[k]!) / (1 - OVERLAP),
    })),
    calibration: calibrationOf(inputs),
    label_noise: honest && labelNoise(honest, labels, given, labelNames),
  };
}

function confusionMatrix(
  { labels, predictions, labelNames }: SplitReportInputs,
): ConfusionCell[] {
  const cells = new Map<number, number>();
  labels.forEach((given, i) => {
    const predicted = predictions[i]!;
    if (given < 0 || predicted < 0) return;
    const cell = given * labelNames.length + predicted;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  });
  const K = labelNames.length;
  const isRight = (cell: number) => cell % (K + 1) === 0;
  const told = cells.size <= MOST_CELLS ? [...cells] : [...cells]
    .sort(([a, n], [b, m]) =>
      Number(isRight(b)) - Number(isRight(a)) || m - n || a - b
    )
    .slice(0, MOST_CELLS);
  return told.sort(([a], [b]) => a - b).map(([cell, n]) => ({
    given_label: labelNames[Math.floor(cell / labelNames.length)]!,
    predicted_label: labelNames[cell % labelNames.length]!,
    n,
  }));
}

function calibrationOf(
  { dynamics, labels, range, labelNames }: SplitReportInputs,
): CalibrationReport | null {
  const last = lastProbsOf(dynamics);
  if (!last) return null;
  const met = Int32Array.from(labels.keys()).filter((i) =>
    labels[i]! >= 0 && dynamics.epochsSeen[i]! > 0
  );
  if (met.length === 0) return null;
  const { error, bins } = calibrationBins(
    Float64Array.from(met, (i) => last.sumOf(i, last.argmax(i))),
    Uint8Array.from(met, (i) => last.argmax(i) === labels[i] ? 1 : 0),
  );
  const step = Math.ceil(met.length / MOST_FITTED);
  const fitted = met.filter((_, j) => j % step === 0);
  const cols = labelNames.length;
  const data = new Float32Array(fitted.length * cols);
  fitted.forEach((i, j) => last.spread(i, 1, data, j * cols));
  return {
    is_out_of_sample: range.isOutOfSample,
    n: met.length,
    expected_calibration_error: error,
    temperature: fitTemperature(
      { data, rows: fitted.length, cols },
      Int32Array.from(fitted, (i) => labels[i]!),
    ),
    bins: bins.map(({ n, confidence, nRight }) => {
      const [accuracy_low, accuracy_high] = wilsonInterval(nRight, n);
      return {
        n,
        confidence,
        accuracy: nRight / n,
        accuracy_low,
        accuracy_high,
      };
    }),
  };
}

function labelNoise(
  { judge, probs }: HonestProbs,
  labels: Int32Array,
  given: Float64Array,
  labelNames: readonly string[],
): LabelNoiseReport | null {
  const { calibrated, offDiagonalShare } = jointOfRows(probs, labels);
  if (Number.isNaN(offDiagonalShare)) return null;
  const K = labelNames.length;
  const total = calibrated.reduce((sum, n) => sum + n, 0);
  const cells = Int32Array.from(calibrated.keys()).filter((cell) =>
    calibrated[cell]! > 0 && Math.floor(cell / K) !== cell % K
  ).sort((a, b) => calibrated[b]! - calibrated[a]! || a - b);
  return {
    judge,
    n: Math.round(total),
    share: offDiagonalShare,
    pairs: Array.from(cells.subarray(0, MOST_PAIRS), (cell) => {
      const label = Math.floor(cell / K);
      return {
        given_label: labelNames[label]!,
        true_label: labelNames[cell % K]!,
        n: calibrated[cell]!,
        share_of_given: calibrated[cell]! / given[label]!,
      };
    }),
  };
}
