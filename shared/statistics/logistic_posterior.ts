import {
  laplaceDraw,
  type LogisticFit,
  type LogisticInputs,
  logPosterior,
  mapLogistic,
} from "./map_logistic.ts";
import { seededNormal } from "./seeded_normal.ts";
import { seededRandom } from "./seeded_random.ts";

/** Outcomes, what they may depend on, and priors that could as well be right. */
export interface PosteriorInputs
  extends Omit<LogisticInputs, "priorDeviations"> {
  /** Standard deviations of the coefficients' normal priors, above 0: one set each for beliefs that are equally likely before, (width,) each. */
  readonly priorDeviations: readonly (readonly number[])[];
  /** Any integer. */
  readonly seed: number;
}

/** What is known of the coefficients of a logistic regression. */
export interface LogisticPosterior {
  /** Their mean, (width,). */
  readonly mean: Float64Array;
  /** 300 that are equally likely, in no order, some of them more than once, (width,) each. */
  readonly draws: readonly Float64Array[];
}

/** Coefficients that are tried, half of them mirrored: 1,000 keep the mean to a twentieth of its deviation. */
const PROPOSALS = 1000;
/** Degrees of freedom of the distribution that they are drawn from: its tails must be longer than the posterior's. */
const FREEDOM = 5;
const DRAWS = 300;

/**
 * Mean of the coefficients of a logistic regression with normal priors, and draws of them, over their whole posterior.
 *
 * Where outcomes are few or mostly alike the posterior leans to one side, and its maximum and the curvature there (Laplace) mislead: 1,000
 * coefficients are drawn from a t distribution with 5 degrees of freedom around the maximum, and weighted by the posterior over that (importance
 * sampling). Of several priors each counts by how well it foretold the outcomes (Laplace's evidence). Seeded.
 * Without outcomes the mean is the priors'. O(1000 * n * width).
 *
 * Source: Geweke (1989); Tierney and Kadane (1986) for the evidence.
 *
 * @param inputs Outcomes, features and priors.
 * @returns Mean and draws.
 * @throws {RangeError} If lengths disagree.
 *
 * @example
 * ```ts
 * import { logisticPosterior } from "./logistic_posterior.ts";
 * import assert from "node:assert/strict";
 *
 * const { mean } = logisticPosterior({
 *   features: [1, 1, 1],
 *   outcomes: [0, 0, 0],
 *   priorMeans: [0],
 *   priorDeviations: [[0.5], [2]],
 *   seed: 0,
 * });
 * assert.ok(mean[0]! < -1);
 * ```
 */
export function logisticPosterior(inputs: PosteriorInputs): LogisticPosterior {
  const { priorMeans, priorDeviations, seed } = inputs;
  const width = priorMeans.length;
  const fits = priorDeviations.map((deviations) => {
    const own: LogisticInputs = { ...inputs, priorDeviations: deviations };
    const fit = mapLogistic(own);
    let evidence = logPosterior(own, fit.coefficients);
    for (let j = 0; j < width; j++) {
      evidence -= Math.log(fit.precisionRoot[j * width + j]!);
    }
    return { own, fit, evidence };
  });
  const best = Math.max(...fits.map((f) => f.evidence));
  const shares = fits.map((f) => Math.exp(f.evidence - best));
  const all = shares.reduce((a, b) => a + b, 0);
  const normal = seededNormal(seed);
  const tried: WeightedCoefficients[] = [];
  fits.forEach((fit, i) => {
    const share = shares[i]! / all;
    const pairs = Math.round(share * PROPOSALS / 2);
    if (pairs > 0) tried.push(...weighted(fit, pairs, share, normal));
  });
  return summarized(tried, width, seededRandom(seed ^ 0x2545f491));
}

interface WeightedCoefficients {
  readonly coefficients: Float64Array;
  readonly weight: number;
}

/** Pairs of coefficients mirrored at the maximum, whose weights sum to the share. */
function weighted(
  { own, fit }: { own: LogisticInputs; fit: LogisticFit },
  pairs: number,
  share: number,
  normal: () => number,
): WeightedCoefficients[] {
  const width = fit.coefficients.length;
  const tried = Array.from({ length: pairs }, () => {
    let chiSquare = 0;
    for (let i = 0; i < FREEDOM; i++) chiSquare += normal() ** 2;
    const scale = Math.sqrt(FREEDOM / chiSquare);
    let square = 0;
    const draw = laplaceDraw(fit, () => {
      const x = scale * normal();
      square += x * x;
      return x;
    });
    const logProposal = -(FREEDOM + width) / 2 * Math.log1p(square / FREEDOM);
    const mirrored = fit.coefficients.map((c, j) => 2 * c - draw[j]!);
    return [draw, mirrored].map((coefficients) => ({
      coefficients,
      log: logPosterior(own, coefficients) - logProposal,
    }));
  }).flat();
  const most = Math.max(...tried.map((t) => t.log));
  const weights = tried.map((t) => Math.exp(t.log - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return tried.map((t, i) => ({
    coefficients: t.coefficients,
    weight: share * weights[i]! / sum,
  }));
}

function summarized(
  tried: readonly WeightedCoefficients[],
  width: number,
  random: () => number,
): LogisticPosterior {
  const all = tried.reduce((sum, { weight }) => sum + weight, 0);
  const mean = new Float64Array(width);
  for (const { coefficients, weight } of tried) {
    for (let j = 0; j < width; j++) mean[j]! += weight / all * coefficients[j]!;
  }
  // evenly along the weights, from a place by chance
  const first = random();
  const draws: Float64Array[] = [];
  let reached = 0;
  for (const { coefficients, weight } of tried) {
    reached += weight / all * DRAWS;
    while (draws.length < DRAWS && draws.length + first < reached) {
      draws.push(coefficients);
    }
  }
  while (draws.length < DRAWS) draws.push(tried.at(-1)!.coefficients);
  return { mean, draws: shuffled(draws, random) };
}

/** In a random order (Fisher and Yates). */
function shuffled<T>(values: T[], random: () => number): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}
