import type { Matrix } from "../kernels/matrix.ts";
import { probRows, type Probs } from "../kernels/prob_rows.ts";
import { fourierMap } from "./fourier_map.ts";
import { MOST_SLOTS } from "./class_sums.ts";
import {
  forLeftOutScores,
  leaveOneOutRidge,
  leftOutScores,
  type RidgeFit,
  type RidgeInputs,
  type RidgeOptions,
} from "./leave_one_out_ridge.ts";
import {
  noisePosterior,
  type NoisePosteriorOptions,
  TEMPERATURES,
} from "./noise_posterior.ts";
import { ScoreSlots } from "./score_slots.ts";

/** Random features are taken when they leave less than this share of the error. */
const WORTH_IT = 0.95;
/** Columns above which only random features are tried: eigenvectors cost their cube. */
const MOST_COLUMNS = 2048;
/** Shares of the work: regression on the features, on random ones, predictions; the rest is the noise. */
const LINEAR_SHARE = 0.35;
const KERNEL_SHARE = 0.45;
const SCORES_SHARE = 0.1;

/** What a probe says of samples that it did not see. */
export interface LeftOutProbe {
  /** Log-odds that the judged label is wrong, noise considered; NaN where unlabelled or unknown, (n,). */
  readonly logOdds: Float64Array;
  /** Probabilities of the true class, 0 for classes that no sample is given, NaN rows where unknown, (n, n_classes). */
  readonly probs: Probs;
  /** Whether it learned from random features in place of the features. */
  readonly isKernel: boolean;
}

/** Where to work, and what is judged. */
export interface LeftOutProbeOptions extends RidgeOptions {
  /** Labels that are judged, -1 where none, (n,); default those that are learned from. A class that nothing is learned of is not judged. */
  readonly judged?: Int32Array;
}

/**
 * A probe that learns labels from features, and judges each sample without having seen its label.
 *
 * Leave-one-out ridge regression on the features, and on random Fourier features where these cut the squared error by 5 % or more; then expectation
 * maximisation over noise matrix and temperature. Learns from all labelled rows with features and speaks of all rows with features; only of classes
 * that occur. Of more than 64 classes each row keeps its 64 most likely ones, and what the others have together. Above 2,048 columns only the random
 * features are tried. Costs: see {@linkcode leaveOneOutRidge} and {@linkcode noisePosterior}.
 *
 * Source: ours, measured on 24 settings of noise; the parts name theirs.
 *
 * @param features Rows of comparable length, NaN rows where unknown, (n, width).
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param nClasses Number of classes.
 * @param options Where to work, and labels that are judged where they are others than those learned from.
 * @returns What it says; null where fewer than two classes occur or no column tells samples apart.
 * @throws The reason of `options.signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { leftOutProbe } from "./left_out_probe.ts";
 * import assert from "node:assert/strict";
 *
 * const features = { data: Float32Array.of(4, 4, 4, -4, -4, -4), rows: 6, cols: 1 };
 * const { logOdds } = (await leftOutProbe(features, Int32Array.of(0, 0, 1, 1, 1, 1), 2))!;
 * assert.equal(logOdds.indexOf(Math.max(...logOdds)), 2);
 * ```
 */
export async function leftOutProbe(
  features: Matrix,
  labels: Int32Array,
  nClasses: number,
  { onProgress = () => {}, judged = labels, ...options }: LeftOutProbeOptions =
    {},
): Promise<LeftOutProbe | null> {
  const { data, cols } = features;
  const known = Int32Array.from(labels.keys()).filter((row) =>
    labels[row]! >= 0 && cols > 0 && !Number.isNaN(data[row * cols]!)
  );
  const classes = [...new Set(known.values().map((row) => labels[row]!))]
    .sort((a, b) => a - b);
  if (classes.length < 2) return null;
  const place = new Map(classes.map((k, j) => [k, j]));
  const placesOf = (of: Int32Array) =>
    Int32Array.from(of, (y) => place.get(y) ?? -1);
  const own = placesOf(labels);

  const linear: RidgeInputs = {
    features,
    map: null,
    labels: own,
    nClasses: classes.length,
  };
  const kernel = { ...linear, map: fourierMap(features, known) };
  const canKernel = kernel.map !== null;
  const tried: { inputs: RidgeInputs; fit: RidgeFit }[] = [];
  if (cols <= MOST_COLUMNS || !canKernel) {
    const fit = await leaveOneOutRidge(linear, {
      ...options,
      onProgress: (f) => onProgress(LINEAR_SHARE * f),
    });
    tried.push({ inputs: linear, fit });
  }
  if (canKernel) {
    const fit = await leaveOneOutRidge(kernel, {
      ...options,
      onProgress: (f) => onProgress(LINEAR_SHARE + KERNEL_SHARE * f),
    });
    const best = tried[0];
    if (!best || fit.error < WORTH_IT * best.fit.error) {
      tried[0] = { inputs: kernel, fit };
    }
  }
  const { inputs, fit } = tried[0]!;
  const fitted = LINEAR_SHARE + KERNEL_SHARE;
  const scoresOf = {
    ...options,
    onProgress: (f: number) => onProgress(fitted + SCORES_SHARE * f),
  };
  const judge: NoisePosteriorOptions = {
    ...(options.signal && { signal: options.signal }),
    onProgress: (f) =>
      onProgress(fitted + SCORES_SHARE + (1 - fitted - SCORES_SHARE) * f),
  };
  const judgedPlaces = placesOf(judged);
  const { logOdds, probs } = classes.length > MOST_SLOTS
    ? noisePosterior(
      await slotsOf(inputs, fit, judgedPlaces, scoresOf),
      judgedPlaces,
      judge,
    )
    : noisePosterior(
      await leftOutScores(inputs, fit, scoresOf),
      judgedPlaces,
      judge,
    );
  return {
    logOdds,
    probs: spread(probs, classes, nClasses),
    isKernel: inputs.map !== null,
  };
}

/** The largest scores of every row, and those of judged labels. */
async function slotsOf(
  inputs: RidgeInputs,
  fit: RidgeFit,
  judged: Int32Array,
  options: RidgeOptions,
): Promise<ScoreSlots> {
  const { features: { rows }, nClasses } = inputs;
  const slots = new ScoreSlots(rows, nClasses, TEMPERATURES);
  await forLeftOutScores(
    inputs,
    fit,
    (row, scores) => slots.set(row, scores, judged[row]!),
    options,
  );
  return slots;
}

/** Columns of some classes as those of all; the others are 0, or NaN where the row is. */
function spread(
  probs: Probs,
  classes: readonly number[],
  nClasses: number,
): Probs {
  if (probs.cols === nClasses) return probs;
  const source = probRows(probs);
  const own = new Float32Array(source.cols);
  const sums = new Float64Array(source.cols);
  const places = new Int32Array(nClasses).fill(-1);
  classes.forEach((k, j) => places[k] = j);
  return {
    rows: source.rows,
    cols: nClasses,
    read(row, out) {
      source.read(row, own);
      out.fill(Number.isNaN(own[0]!) ? NaN : 0, 0, nClasses);
      classes.forEach((k, j) => out[k] = own[j]!);
    },
    get(row, label) {
      const place = places[label]!;
      return place < 0 ? 0 * source.get(row, 0) : source.get(row, place);
    },
    addTo(row, weight, out) {
      sums.fill(0);
      const rest = source.addTo(row, weight, sums);
      if (Number.isNaN(rest)) return NaN;
      classes.forEach((k, j) => out[k]! += sums[j]! + rest);
      return 0;
    },
  };
}
