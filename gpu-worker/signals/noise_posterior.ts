import type { Matrix } from "../kernels/matrix.ts";
import type { Probs } from "../kernels/prob_rows.ts";
import { slottedExpectation, slottedJudgement } from "./_slotted_posterior.ts";
import { ScoreSlots } from "./score_slots.ts";

/** Temperatures tried: how much a difference of scores says. */
export const TEMPERATURES: readonly number[] = [
  1,
  1.4,
  2,
  3,
  4,
  6,
  8,
  11,
  16,
  22,
  32,
  45,
  64,
];
const ROUNDS = 15;
/** Rounds that try every temperature; later ones try the last one and its neighbours. */
const WIDE_ROUNDS = 2;
/** Where the search for the noise matrix starts. */
const FIRST_NOISE = 0.1;
/** Log-odds that are larger were rounded to 0 or 1. */
const MAX_LOG_ODDS = 700;

/** What scores say of given labels, once the noise is known. */
export interface NoisePosterior<P extends Probs = Probs> {
  /** Log-odds that the given label is wrong; NaN where unlabelled or without scores, (n,). */
  readonly logOdds: Float64Array;
  /** Probabilities of the true class by the scores alone, NaN rows without, (n, n_classes). */
  readonly probs: P;
  /** Of {@linkcode TEMPERATURES}. */
  readonly temperature: number;
  /** Estimated share given label j of samples of true class i, (n_classes, n_classes). */
  readonly noise: Float64Array;
}

/** Progress and end. */
export interface NoisePosteriorOptions {
  /** Called after each round with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  /** Ends the work between two rounds. */
  readonly signal?: AbortSignal;
}

/**
 * Probability that each given label is wrong, by expectation maximisation over a noise matrix and a temperature.
 *
 * The true class has probabilities `softmax(temperature * scores)`, the given one is drawn by `noise[true, given]`. Fifteen rounds; after each the
 * temperature is the likeliest one (after two rounds: of the last and its neighbours), and the noise is shrunk to the share of wrong labels,
 * evenly among classes, with the weight of 2 n_classes samples. Only right where scores were not learned from the label they judge.
 * It wants 20 samples a class. Deterministic. O(n * n_classes) a temperature tried, 67 in all.
 *
 * Source: Dawid and Skene (1979) with a single rater and a model's scores as prior; temperature and shrinkage ours.
 *
 * @param scores Larger for likelier classes, about 0 to 1, NaN rows where unknown, (n, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param options Progress and end.
 * @returns Log-odds, probabilities and the noise found.
 * @throws {RangeError} If there are fewer than two classes or the shapes disagree.
 * @throws The reason of `options.signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { noisePosterior } from "./noise_posterior.ts";
 * import assert from "node:assert/strict";
 *
 * const scores = { data: Float32Array.of(1, 0, 1, 0, 0, 1), rows: 3, cols: 2 };
 * const { logOdds } = noisePosterior(scores, Int32Array.of(0, 1, 1));
 * assert.ok(logOdds[1]! > logOdds[0]!);
 * ```
 */
export function noisePosterior(
  scores: Matrix,
  labels: Int32Array,
  options?: NoisePosteriorOptions,
): NoisePosterior<Matrix>;
/** The same of scores of which only the largest are kept, in O(n * 64) a temperature: within a row the others weigh the same. */
export function noisePosterior(
  scores: ScoreSlots,
  labels: Int32Array,
  options?: NoisePosteriorOptions,
): NoisePosterior;
export function noisePosterior(
  scores: Matrix | ScoreSlots,
  labels: Int32Array,
  { onProgress, signal }: NoisePosteriorOptions = {},
): NoisePosterior {
  const { rows, cols } = scores;
  const isKnown = scores instanceof ScoreSlots
    ? (i: number) => scores.classes[i * scores.nSlots]! >= 0
    : (i: number) => !Number.isNaN(scores.data[i * cols]!);
  if (cols < 2 || labels.length !== rows) {
    throw new RangeError(
      `Cannot judge labels as scores must be (${labels.length}, 2 or more): current value is (${rows}, ${cols})`,
    );
  }
  const known = Int32Array.from(labels.keys()).filter((i) =>
    labels[i]! >= 0 && isKnown(i)
  );
  let byGiven: Float64Array = new Float64Array(cols * cols).fill(
    FIRST_NOISE / (cols - 1),
  ); // (given, true)
  for (let k = 0; k < cols; k++) byGiven[k * cols + k] = 1 - FIRST_NOISE;
  let place = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    signal?.throwIfAborted();
    const isWide = round < WIDE_ROUNDS;
    const last = TEMPERATURES.length - 1;
    const [from, to] = isWide
      ? [0, last]
      : [Math.max(0, place - 1), Math.min(last, place + 1)];
    let best = -Infinity;
    let counts: Float64Array = byGiven;
    for (let t = from; t <= to; t++) {
      const found = scores instanceof ScoreSlots
        ? slottedExpectation(scores, labels, known, byGiven, TEMPERATURES, t)
        : expectation(scores, labels, known, byGiven, TEMPERATURES[t]!);
      if (found.logLikelihood > best) {
        best = found.logLikelihood;
        counts = found.counts;
        place = t;
      }
    }
    if (round < ROUNDS && known.length > 0) {
      byGiven = maximization(counts, cols);
    }
    onProgress?.((round + 1) / (ROUNDS + 1));
  }
  const temperature = TEMPERATURES[place]!;
  const { logOdds, probs } = scores instanceof ScoreSlots
    ? slottedJudgement(scores, labels, byGiven, TEMPERATURES, place)
    : judged(scores, labels, byGiven, temperature);
  return {
    temperature,
    noise: byGiven.map((_, at) =>
      byGiven[(at % cols) * cols + Math.floor(at / cols)]!
    ),
    logOdds: logOdds.map((odds) =>
      Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, odds))
    ),
    probs,
  };
}

/** Log-likelihood of given labels, and expected counts (given, true). */
function expectation(
  { data, cols }: Matrix,
  labels: Int32Array,
  known: Int32Array,
  byGiven: Float64Array,
  temperature: number,
): { logLikelihood: number; counts: Float64Array } {
  const counts = new Float64Array(cols * cols);
  const joint = new Float64Array(cols);
  let logLikelihood = 0;
  for (const row of known) {
    const start = row * cols;
    const given = labels[row]! * cols;
    let max = -Infinity;
    for (let k = 0; k < cols; k++) max = Math.max(max, data[start + k]!);
    let all = 0;
    let sum = 0;
    for (let k = 0; k < cols; k++) {
      const e = Math.exp(temperature * (data[start + k]! - max));
      const value = e * byGiven[given + k]!;
      all += e;
      sum += value;
      joint[k] = value;
    }
    logLikelihood += Math.log(Math.max(sum / all, 1e-300));
    if (sum === 0) continue;
    for (let k = 0; k < cols; k++) counts[given + k]! += joint[k]! / sum;
  }
  return { logLikelihood, counts };
}

/** The noise (given, true) that expected counts (given, true) say. */
function maximization(counts: Float64Array, cols: number): Float64Array {
  const ofTrue = new Float64Array(cols);
  let all = 0;
  let kept = 0;
  counts.forEach((n, at) => {
    const k = at % cols;
    ofTrue[k]! += n;
    all += n;
    if (k * cols + k === at) kept += n;
  });
  const prior = 2 * cols * (1 - kept / all) / (cols - 1);
  const noise = new Float64Array(cols * cols);
  for (let k = 0; k < cols; k++) {
    let moved = 0;
    for (let y = 0; y < cols; y++) {
      if (y === k) continue;
      const at = y * cols + k;
      noise[at] = (counts[at]! + prior) / (ofTrue[k]! + 2 * cols);
      moved += noise[at]!;
    }
    noise[k * cols + k] = 1 - moved;
  }
  return noise;
}

function judged(
  { data, rows, cols }: Matrix,
  labels: Int32Array,
  byGiven: Float64Array,
  temperature: number,
): Pick<NoisePosterior<Matrix>, "logOdds" | "probs"> {
  const logOdds = new Float64Array(rows).fill(NaN);
  const probs = new Float32Array(rows * cols).fill(NaN);
  const e = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    if (Number.isNaN(data[start]!)) continue;
    let max = -Infinity;
    for (let k = 0; k < cols; k++) max = Math.max(max, data[start + k]!);
    let all = 0;
    for (let k = 0; k < cols; k++) {
      e[k] = Math.exp(temperature * (data[start + k]! - max));
      all += e[k]!;
    }
    for (let k = 0; k < cols; k++) probs[start + k] = e[k]! / all;
    const y = labels[i]!;
    if (y < 0) continue;
    let wrong = 0;
    for (let k = 0; k < cols; k++) {
      if (k !== y) wrong += e[k]! * byGiven[y * cols + k]!;
    }
    logOdds[i] = Math.log(wrong) - Math.log(e[y]! * byGiven[y * cols + y]!);
  }
  return { logOdds, probs: { data: probs, rows, cols } };
}
