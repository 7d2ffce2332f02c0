import { probRows, type Probs } from "../kernels/prob_rows.ts";
import { shiftToMean } from "../kernels/shift_to_mean.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import type { LeftOutProbe } from "./left_out_probe.ts";
import { viewSharpness } from "./second_view_sharpness.ts";

/** What a run says of one split's given labels before its samples are looked at. */
export interface RunView {
  /** Given labels, -1 where unlabelled, (n,). */
  readonly labels: Int32Array;
  /** Support by `labelEvidence`: the run's own opinion, (n,). */
  readonly support: Float64Array;
  /** Mean probabilities of each sample, NaN rows where unknown, (n, n_classes). */
  readonly meanProbs: Probs;
  /** Their mean over neighbours by embeddings, NaN rows where none, (n, n_classes); null without embeddings. */
  readonly neighbourProbs: Probs | null;
}

/** What features that the training did not shape say of the same samples. */
export interface SecondView {
  /** A probe that learned from the others' labels, (n,) and (n, n_classes). */
  readonly probe: Pick<LeftOutProbe, "logOdds" | "probs">;
  /** Mean of the run's probabilities over neighbours by features, NaN rows where none, (n, n_classes). */
  readonly neighbourProbs: Probs;
}

/** How much a second view counts beside a run. */
export interface ViewWeight {
  /** From 0, not at all, to 1. */
  readonly weight: number;
  /** How many log-odds of a wrong label a unit of the run's support is worth, by what the view says. */
  readonly slope: number;
  /** What log-odds of both together are to be multiplied by to be as sure as they are right, up to 1. */
  readonly sharpness: number;
}

/** What a probe says, (n,) each. */
export interface ProbeSays {
  /** Log-odds that given labels are wrong, noise considered; NaN where unknown. */
  readonly logOdds: Float64Array;
  /** Margins of given labels by {@linkcode logMargins}. */
  readonly margins: Float64Array;
}

/** Log-odds and margins say no more beyond these. */
const MAX_LOG_ODDS = 6;
const MAX_MARGIN = 7;
/** Share of what there is to know at which a view begins to count, and at which it counts in full. */
const [LEAST_KNOWN, ENOUGH_KNOWN] = [0.05, 0.3];
/** What a unit of support is worth in most runs. */
const USUAL_SLOPE = 1.65;
/** Slopes tried: quarters of a power of two. */
const SLOPES = Array.from({ length: 15 }, (_, j) => 0.5 * 2 ** (j / 4));
/** Of more rows, every so-manieth is asked for its slope. */
const MOST_ROWS = 4096;

/**
 * How far neighbours by features are against each given label: `-0.3 l`, l the margin of `ln(q + 1e-3)` clipped to ±7, q their mean.
 *
 * High is suspicious. NaN where unlabelled, and where they say nothing. O(n * n_classes).
 *
 * Source: ours; the constants of this file were fitted on 8 runs of human, class-dependent, instance-dependent and pair noise, and checked on others.
 *
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param neighbourProbs Mean of the run's probabilities over neighbours by features, NaN rows where none, (n, n_classes).
 * @returns Log-odds but for a constant, (n,).
 */
export function neighbourLogOdds(
  labels: Int32Array,
  neighbourProbs: Probs,
): Float64Array {
  return logMargins(labels, neighbourProbs).map((margin) => -0.3 * margin);
}

/**
 * How far a probe is against each given label: `0.2 log-odds - 0.3 margin`.
 *
 * The probe's log-odds, which know the noise, are clipped to ±6; the margin is that of `ln(P + 1e-3)` of its probabilities, which do not, clipped
 * to ±7: the one sees confused classes, the other confusing samples. High is suspicious. NaN where unlabelled or unknown. O(n * n_classes).
 *
 * Source: ours; see {@linkcode neighbourLogOdds}.
 *
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param probe What it says.
 * @returns Log-odds but for a constant, (n,).
 */
export function probeLogOdds(
  labels: Int32Array,
  probe: SecondView["probe"],
): Float64Array {
  return logMargins(labels, probe.probs).map((margin, i) =>
    0.2 * clip(probe.logOdds[i]!, MAX_LOG_ODDS) - 0.3 * margin
  );
}

/** Both together: how far a second view is against each given label, (n,). */
export function viewLogOdds(
  labels: Int32Array,
  { probe, neighbourProbs }: SecondView,
): Float64Array {
  const near = neighbourLogOdds(labels, neighbourProbs);
  return probeLogOdds(labels, probe).map((x, i) => x + near[i]!);
}

/**
 * How much a second view counts: features that do not tell classes apart must not spoil what the run says, nor a run that is right more often than they.
 *
 * With π the probe's probability that a given label is wrong, which did not see it, and μ the mean of π: `var(π) / (μ (1 - μ))` is the share of what
 * there is to know that the probe knows. It counts from a share of 0.05, and in full from 0.3. Since a wrong label has `E[π²]/μ` of π in the mean and
 * a right one `E[π(1-π)]/(1-μ)`, whatever else is known of it, π also tells what the run's support is worth, though no truth is at hand: the
 * slope b is that whose curve σ(a - b support), with mean μ, fits π with the least squared error, and half-way (in logarithms) to that of most runs.
 *
 * How sure both are together, {@linkcode viewSharpness} says. Counts only samples of which both speak; weight 0 without two. O(n), and 15 curves over
 * at most 4,096 rows.
 *
 * Source: ours, on the idea of an instrument that errs for reasons of its own.
 *
 * @param run What the run says.
 * @param probe What the probe says of the same samples.
 * @returns Weight, slope and sharpness.
 *
 * @example
 * ```ts
 * import { viewWeight } from "./second_view.ts";
 * import assert from "node:assert/strict";
 *
 * const probs = { data: Float32Array.of(0.9, 0.1, 0.1, 0.9), rows: 2, cols: 2 };
 * const run = { labels: Int32Array.of(0, 0), support: Float64Array.of(1, -1), meanProbs: probs, neighbourProbs: null };
 * assert.equal(viewWeight(run, { logOdds: Float64Array.of(-2, 2), margins: Float64Array.of(2, -2) }).weight, 1);
 * ```
 */
export function viewWeight(
  { labels, support }: Pick<RunView, "labels" | "support">,
  { logOdds, margins }: ProbeSays,
): ViewWeight {
  const rows = Int32Array.from(labels.keys()).filter((i) =>
    labels[i]! >= 0 && !Number.isNaN(support[i]! + logOdds[i]!)
  );
  const wrong = Float64Array.from(rows, (i) => sigmoid(logOdds[i]!));
  const mean = wrong.reduce((sum, p) => sum + p, 0) / rows.length;
  const square = wrong.reduce((sum, p) => sum + p * p, 0) / rows.length;
  const known = (square - mean ** 2) / (mean * (1 - mean)); // NaN of nothing
  const weight = (known - LEAST_KNOWN) / (ENOUGH_KNOWN - LEAST_KNOWN);
  if (rows.length < 2 || !(weight > 0)) {
    return { weight: 0, slope: USUAL_SLOPE, sharpness: 1 };
  }
  const step = Math.max(1, rows.length / MOST_ROWS);
  const asked = Int32Array.from(
    { length: Math.ceil(rows.length / step) },
    (_, i) => Math.floor(i * step),
  );
  const best = bestSlope(
    Float64Array.from(asked, (at) => support[rows[at]!]!),
    Float64Array.from(asked, (at) => wrong[at]!),
  );
  return {
    weight: Math.min(1, weight),
    slope: Math.sqrt(USUAL_SLOPE * best),
    sharpness: viewSharpness({
      nClasses: new Set(rows.values().map((i) => labels[i]!)).size,
      support: Float64Array.from(rows, (i) => support[i]!),
      logOdds: Float64Array.from(rows, (i) => clip(logOdds[i]!, MAX_LOG_ODDS)),
      margins: Float64Array.from(rows, (i) => margins[i]!),
      rate: mean,
    }),
  };
}

/** The slope at which support explains what the probe says best. */
function bestSlope(support: Float64Array, wrong: Float64Array): number {
  const n = wrong.length;
  const mean = wrong.reduce((sum, p) => sum + p, 0) / n;
  const ofWrong = wrong.reduce((sum, p) => sum + p * p, 0) / n / mean;
  const ofRight = mean * (1 - ofWrong) / (1 - mean);
  let best = USUAL_SLOPE;
  let least = Infinity;
  for (const slope of SLOPES) {
    const z = support.map((s) => -slope * s);
    const shift = shiftToMean(z, mean);
    let error = 0;
    for (let i = 0; i < n; i++) {
      const p = sigmoid(z[i]! + shift);
      error += (wrong[i]! - ofRight - (ofWrong - ofRight) * p) ** 2;
    }
    if (error < least) {
      least = error;
      best = slope;
    }
  }
  return best;
}

/** Margin of the given label in `ln(p + 1e-3)`, clipped to ±7; NaN where unlabelled or unknown. O(n * n_classes). */
export function logMargins(
  labels: Int32Array,
  probs: Probs,
): Float64Array {
  const source = probRows(probs);
  const { cols } = source;
  const own = new Float32Array(cols);
  return Float64Array.from(labels, (y, i) => {
    if (y < 0) return NaN;
    source.read(i, own);
    let rival = 0; // of a single class there is no margin
    if (cols > 1) {
      rival = -Infinity;
      for (let k = 0; k < cols; k++) {
        if (k !== y) rival = Math.max(rival, own[k]!);
      }
    }
    return clip(
      Math.log(own[y]! + 1e-3) - Math.log(rival + 1e-3),
      MAX_MARGIN,
    );
  });
}

function clip(x: number, most: number): number {
  return Math.max(-most, Math.min(most, x)); // keeps NaN
}
