import { auditStrata, stratumKnots } from "@shared/audit/audit_strata.ts";
import { logOddsBins } from "@shared/audit/draw_audit.ts";
import {
  bendOf,
  BENDS,
  bendWeights,
  SPREAD,
} from "@shared/statistics/bends.ts";
import { logisticPosterior } from "@shared/statistics/logistic_posterior.ts";
import { normalShare } from "@shared/statistics/normal_share.ts";
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
  /** The curve's mean coefficients: constant, log-odds before, the standardised signals, then bends. */
  readonly coefficients: Float64Array;
  /** Judged rows that it was found from. */
  readonly nReviewed: number;
  /** Gives a curve, log-odds of any row with log-odds: one, and pairs of labels moved from it, that could as well be right. */
  draw(normal: () => number): (row: number) => number;
  /** The same by the curve alone: pairs move wrong labels among each other, and say nothing of how many there are in all. */
  drawOfAll(normal: () => number): (row: number) => number;
}

/** Means and deviations of the priors: constant, slope, each correction. */
const CONSTANT = [0, 0.8] as const;
const SLOPE = [1, 0.3] as const;
const CORRECTION = [0, 0.5] as const;
/** Judged rows as whose audit would be cut the curve may bend: into five strata. */
const STRATA_OF = 30;
/** Deviation of the log-odds of a pair of labels from the curve. */
const PAIR = 0.5;
/** The same result on every machine. */
const SEED = 0;

/**
 * Log-odds that a given label is wrong, sharpened by what people said of others.
 *
 * The mean of what is known of a logistic curve on a constant (0 ± 0.8), the log-odds (1 ± 0.3) and the standardised signals (0 ± 0.5 each), that may
 * bend at the middles of five strata of an audit ({@linkcode BENDS}): a straight one is wrong somewhere, and too sure everywhere. Then each pair of a
 * given and a suggested label is moved by `sum(residuals) / (4 + sum(p (1 - p)))` over its judged rows, as log-odds of pairs are 0 ± 0.5 from
 * the curve. Curves are drawn a tenth wider than they are known. Without judged rows it is what it was. O(n * signals).
 *
 * Source: ours; Platt (1999) with priors, {@linkcode logisticPosterior}. Verdicts on the top alone teach little: draw them as {@linkcode drawAudit} does.
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
  const bins = logOddsBins(logOdds);
  const knots = stratumKnots(auditStrata(bins, STRATA_OF), bins);
  const featuresOf = (row: number) => [
    1,
    logOdds[row]!,
    ...columns.map((x) => x[row]!),
    ...bendWeights(logOdds[row]!, knots),
  ];
  const known = [...inputs.reviewedRows.keys()].filter((i) =>
    !Number.isNaN(logOdds[inputs.reviewedRows[i]!]!)
  );
  const rows = known.map((i) => inputs.reviewedRows[i]!);
  const outcomes = known.map((i) => isWrong[i] ? 1 : 0);
  const priors = [CONSTANT, SLOPE, ...columns.map(() => CORRECTION)];
  const posterior = logisticPosterior({
    features: rows.flatMap(featuresOf),
    outcomes,
    priorMeans: [...priors.map(([mean]) => mean), ...knots.map(() => 0)],
    priorDeviations: BENDS.map((bend) => [
      ...priors.map(([, deviation]) => deviation),
      ...knots.map(() => bend),
    ]),
    seed: SEED,
  });
  const along = (coefficients: Float64Array) => {
    const bent = Float64Array.from(
      knots,
      (_, k) => coefficients[priors.length + k]!,
    );
    return (row: number) => {
      const z = logOdds[row]!;
      let sum = coefficients[0]! + coefficients[1]! * z +
        bendOf(z, knots, bent);
      for (let j = 0; j < columns.length; j++) {
        sum += coefficients[2 + j]! * columns[j]![row]!;
      }
      return sum;
    };
  };
  const curve = along(posterior.mean);
  const pairs = labelPairs(givenLabels, suggestedLabels);
  const moved = movedPairs(
    pairs,
    rows,
    outcomes.map((y, at) => y - sigmoid(curve(rows[at]!))),
    rows.map((row) => sigmoid(curve(row))),
  );
  const { mean, draws } = posterior;
  const drawn: SharpenedLogOdds["drawOfAll"] = (normal) => {
    const at = Math.floor(normalShare(normal()) * draws.length);
    const draw = draws[Math.min(at, draws.length - 1)]!;
    return along(mean.map((c, j) => c + SPREAD * (draw[j]! - c)));
  };
  return {
    logOdds: known.length === 0
      ? logOdds
      : logOdds.map((_, row) => curve(row) + moved.mean[pairs.of[row]!]!),
    coefficients: posterior.mean,
    nReviewed: known.length,
    draw(normal) {
      const curve = drawn(normal);
      const byPair = moved.mean.map((mean, pair) =>
        mean + SPREAD * moved.deviation[pair]! * normal()
      );
      return (row) => curve(row) + byPair[pairs.of[row]!]!;
    },
    drawOfAll: drawn,
  };
}

/** Numbers of pairs of a given and a suggested label that occur. */
interface LabelPairs {
  /** The pair of each row, (n,). */
  readonly of: Int32Array;
  /** How many there are. */
  readonly n: number;
}

function labelPairs(given: Int32Array, suggested: Int32Array): LabelPairs {
  // suggestions count from -1
  const nSuggestions = suggested.reduce((a, b) => Math.max(a, b), 0) + 2;
  const places = new Map<number, number>();
  const of = given.map((label, row) => {
    const pair = label * nSuggestions + suggested[row]!;
    const place = places.get(pair) ?? places.size;
    places.set(pair, place);
    return place;
  });
  return { of, n: places.size };
}

/** By how much pairs lie above the curve, and how sure that is: one step from it, with a normal prior. */
function movedPairs(
  pairs: LabelPairs,
  rows: readonly number[],
  residuals: readonly number[],
  probabilities: readonly number[],
): { mean: Float64Array; deviation: Float64Array } {
  const sums = new Float64Array(pairs.n);
  const precisions = new Float64Array(pairs.n).fill(1 / PAIR ** 2);
  rows.forEach((row, at) => {
    const [pair, p] = [pairs.of[row]!, probabilities[at]!];
    sums[pair]! += residuals[at]!;
    precisions[pair]! += p * (1 - p);
  });
  return {
    mean: sums.map((sum, pair) => sum / precisions[pair]!),
    deviation: precisions.map((precision) => 1 / Math.sqrt(precision)),
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
