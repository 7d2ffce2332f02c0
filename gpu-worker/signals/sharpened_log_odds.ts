import {
  laplaceDraw,
  type LogisticFit,
  mapLogistic,
} from "@shared/statistics/map_logistic.ts";
import { sigmoid } from "../kernels/sigmoid.ts";

/** What is known of labels, and what people said of some. */
export interface SharpenInputs {
  /** Log-odds that the given label is wrong, as good as known before; NaN unknown, (n,). */
  readonly logOdds: Float64Array;
  /** What the log-odds were made from, and may be corrected by; NaN unknown, (n,) each. */
  readonly signals: readonly Float64Array[];
  /** Labels as given, (n,). */
  readonly givenLabels: Int32Array;
  /** The most likely other label, (n,). */
  readonly suggestedLabels: Int32Array;
  /** Rows that people judged, each once; those without log-odds say nothing. */
  readonly reviewedRows: Int32Array;
  /** 1 where they said that the given label is wrong, (reviewedRows.length,). */
  readonly isWrong: ArrayLike<number>;
}

/** Log-odds after people have judged some labels. */
export interface SharpenedLogOdds {
  /** Log-odds that the given label is wrong, NaN unknown, (n,). */
  readonly logOdds: Float64Array;
  /** The curve: constant, log-odds before, then the standardised signals. */
  readonly fit: LogisticFit;
  /** Judged rows that it was fitted to. */
  readonly nReviewed: number;
  /** Log-odds by a curve that fits as well as can be known, of any row with log-odds. */
  draw(normal: () => number): (row: number) => number;
}

/** Means and deviations of the priors: constant, slope, each correction. */
const CONSTANT = [0, 0.8] as const;
const SLOPE = [1, 0.3] as const;
const CORRECTION = [0, 0.5] as const;
/** How much the mean residual of a pair counts, and the judged rows that stand against it. */
const PAIR_WEIGHT = 3;
const PAIR_PRIOR = 4;

/**
 * Log-odds that a given label is wrong, sharpened by what people said of others.
 *
 * The most likely logistic curve on a constant (0 ± 0.8), the log-odds (1 ± 0.3) and the standardised signals (0 ± 0.5 each), plus
 * `3 * sum(residuals) / (n + 4)` over the n judged rows of the same given and suggested label. Without judged rows it is what it was.
 * O(n * signals).
 *
 * Source: ours; Platt (1999) with priors. Verdicts on the top alone teach little: draw them as {@linkcode drawAudit} does.
 *
 * @param inputs Log-odds, signals and verdicts.
 * @returns Log-odds.
 * @throws {RangeError} If arrays differ in length.
 *
 * @example
 * ```ts
 * import { sharpenedLogOdds } from "./sharpened_log_odds.ts";
 * import assert from "node:assert/strict";
 *
 * const { logOdds } = sharpenedLogOdds({
 *   logOdds: Float64Array.of(1, 1, -2),
 *   signals: [],
 *   givenLabels: Int32Array.of(0, 0, 1),
 *   suggestedLabels: Int32Array.of(1, 1, 0),
 *   reviewedRows: Int32Array.of(0),
 *   isWrong: [1],
 * });
 * assert.ok(logOdds[1]! > 1);
 * ```
 */
export function sharpenedLogOdds(inputs: SharpenInputs): SharpenedLogOdds {
  const { logOdds, signals, givenLabels, suggestedLabels, isWrong } = inputs;
  const n = logOdds.length;
  for (const values of [...signals, givenLabels, suggestedLabels]) {
    if (values.length !== n) {
      throw new RangeError(
        `Cannot sharpen log-odds as signals and labels must have ${n} rows: current value is ${values.length}`,
      );
    }
  }
  const columns = signals.map(standardized);
  const width = 2 + columns.length;
  const featuresOf = (row: number, out: Float64Array, at: number) => {
    out[at] = 1;
    out[at + 1] = logOdds[row]!;
    columns.forEach((x, j) => out[at + 2 + j] = x[row]!);
  };
  const known = [...inputs.reviewedRows.keys()].filter((i) =>
    !Number.isNaN(logOdds[inputs.reviewedRows[i]!]!)
  );
  const features = new Float64Array(known.length * width);
  known.forEach((i, at) =>
    featuresOf(inputs.reviewedRows[i]!, features, at * width)
  );
  const outcomes = known.map((i) => isWrong[i] ? 1 : 0);
  const corrections = columns.map(() => CORRECTION);
  const priors = [CONSTANT, SLOPE, ...corrections];
  const fit = mapLogistic({
    features,
    outcomes,
    priorMeans: priors.map(([mean]) => mean),
    priorDeviations: priors.map(([, deviation]) => deviation),
  });
  const one = new Float64Array(width);
  const along = (coefficients: Float64Array, row: number) => {
    featuresOf(row, one, 0);
    let sum = 0;
    for (let j = 0; j < width; j++) sum += coefficients[j]! * one[j]!;
    return sum;
  };

  // suggestions count from -1
  const nSuggestions = suggestedLabels.reduce((a, b) => Math.max(a, b), 0) + 2;
  const pairOf = (row: number) =>
    givenLabels[row]! * nSuggestions + suggestedLabels[row]!;
  const residuals = new Map<number, { sum: number; n: number }>();
  known.forEach((i, at) => {
    const row = inputs.reviewedRows[i]!;
    const pair = residuals.get(pairOf(row)) ?? { sum: 0, n: 0 };
    pair.sum += outcomes[at]! - sigmoid(along(fit.coefficients, row));
    pair.n++;
    residuals.set(pairOf(row), pair);
  });
  const byPair = new Float64Array(n);
  if (residuals.size > 0) {
    for (let row = 0; row < n; row++) {
      const pair = residuals.get(pairOf(row));
      if (pair) byPair[row] = PAIR_WEIGHT * pair.sum / (pair.n + PAIR_PRIOR);
    }
  }
  return {
    logOdds: logOdds.map((_, row) =>
      along(fit.coefficients, row) + byPair[row]!
    ),
    fit,
    nReviewed: known.length,
    draw(normal) {
      const coefficients = laplaceDraw(fit, normal);
      return (row) => along(coefficients, row) + byPair[row]!;
    },
  };
}

/** Mean 0 and deviation 1 over known values; 0 where unknown or constant. */
function standardized(values: Float64Array): Float64Array {
  let [sum, squares, n] = [0, 0, 0];
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    sum += x;
    n++;
  }
  const mean = sum / n;
  for (const x of values) {
    if (!Number.isNaN(x)) squares += (x - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / n);
  return values.map((x) =>
    Number.isNaN(x) || !(deviation > 1e-9) ? 0 : (x - mean) / deviation
  );
}
