/** Outcomes and what they may depend on. */
export interface LogisticInputs {
  /** Features, a constant among them, row after row, (n * width,). */
  readonly features: ArrayLike<number>;
  /** 1 or 0; between them: a share, (n,). */
  readonly outcomes: ArrayLike<number>;
  /** Mean of each coefficient's normal prior, (width,). */
  readonly priorMeans: readonly number[];
  /** Its standard deviation, above 0, (width,). */
  readonly priorDeviations: readonly number[];
}

/** Coefficients of a logistic regression, and how sure they are. */
export interface LogisticFit {
  /** The most likely ones, (width,). */
  readonly coefficients: Float64Array;
  /** Upper triangle R of the Cholesky factors `R' R` of minus the second derivative there, row after row, (width * width,). */
  readonly precisionRoot: Float64Array;
}

const MOST_STEPS = 60;
const SMALLEST_STEP = 1e-10;

/**
 * Logistic regression with normal priors: the most likely coefficients after the outcomes (MAP), and the curvature there.
 *
 * Newton's method with halved steps; the posterior has one maximum, and without outcomes it is the priors'. O(n * width^2) a step.
 *
 * @param inputs Outcomes, features and priors.
 * @returns Coefficients.
 * @throws {RangeError} If lengths disagree.
 *
 * @example
 * ```ts
 * import { mapLogistic } from "./map_logistic.ts";
 * import assert from "node:assert/strict";
 *
 * const fit = mapLogistic({ features: [], outcomes: [], priorMeans: [0, 1], priorDeviations: [1, 0.5] });
 * assert.deepEqual(fit.coefficients, Float64Array.of(0, 1));
 * ```
 */
export function mapLogistic(inputs: LogisticInputs): LogisticFit {
  const { features, outcomes, priorMeans, priorDeviations } = inputs;
  const width = priorMeans.length;
  if (
    features.length !== outcomes.length * width ||
    priorDeviations.length !== width
  ) {
    throw new RangeError(
      `Cannot fit outcomes as there must be ${outcomes.length} x ${width} features: current value is ${features.length}`,
    );
  }
  let coefficients = Float64Array.from(priorMeans);
  let value = logPosterior(inputs, coefficients);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, precision } = derivatives(inputs, coefficients);
    const root = choleskyRoot(precision, width);
    const move = solveUpper(root, solveLower(root, gradient));
    let scale = 1;
    let next = coefficients;
    let nextValue = -Infinity;
    while (scale > SMALLEST_STEP) {
      next = coefficients.map((c, j) => c + scale * move[j]!);
      nextValue = logPosterior(inputs, next);
      if (nextValue >= value) break;
      scale /= 2;
    }
    if (scale <= SMALLEST_STEP) break;
    coefficients = next;
    value = nextValue;
    if (move.every((x) => Math.abs(x) < SMALLEST_STEP)) break;
  }
  const { precision } = derivatives(inputs, coefficients);
  return { coefficients, precisionRoot: choleskyRoot(precision, width) };
}

/**
 * Coefficients drawn from the normal distribution that touches a fit's posterior at its maximum (Laplace).
 *
 * @param fit The fit.
 * @param normal Gives standard normal numbers.
 * @returns One draw, (width,).
 */
export function laplaceDraw(
  { coefficients, precisionRoot }: LogisticFit,
  normal: () => number,
): Float64Array {
  const move = solveUpper(precisionRoot, coefficients.map(() => normal()));
  return coefficients.map((c, j) => c + move[j]!);
}

/**
 * Logarithm of the posterior density of some coefficients, but for a constant that is the same for all coefficients, and all priors of one width.
 *
 * @param inputs Outcomes, features and priors.
 * @param coefficients Where it is asked, (width,).
 * @returns The logarithm.
 */
export function logPosterior(
  { features, outcomes, priorMeans, priorDeviations }: LogisticInputs,
  coefficients: Float64Array,
): number {
  const width = coefficients.length;
  let sum = 0;
  for (let j = 0; j < width; j++) {
    sum -=
      ((coefficients[j]! - priorMeans[j]!) / priorDeviations[j]!) ** 2 / 2 +
      Math.log(priorDeviations[j]!);
  }
  for (let i = 0; i < outcomes.length; i++) {
    let z = 0;
    for (let j = 0; j < width; j++) {
      z += coefficients[j]! * features[i * width + j]!;
    }
    // y z - ln(1 + e^z), without overflow
    sum += outcomes[i]! * z - Math.max(z, 0) -
      Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum;
}

function derivatives(
  { features, outcomes, priorMeans, priorDeviations }: LogisticInputs,
  coefficients: Float64Array,
): { gradient: Float64Array; precision: Float64Array } {
  const width = coefficients.length;
  const gradient = new Float64Array(width);
  const precision = new Float64Array(width * width);
  for (let j = 0; j < width; j++) {
    const weight = 1 / priorDeviations[j]! ** 2;
    gradient[j] = (priorMeans[j]! - coefficients[j]!) * weight;
    precision[j * width + j] = weight;
  }
  for (let i = 0; i < outcomes.length; i++) {
    let z = 0;
    for (let j = 0; j < width; j++) {
      z += coefficients[j]! * features[i * width + j]!;
    }
    const p = 1 / (1 + Math.exp(-z));
    for (let j = 0; j < width; j++) {
      const x = features[i * width + j]!;
      gradient[j]! += x * (outcomes[i]! - p);
      for (let k = 0; k < width; k++) {
        precision[j * width + k]! += x * features[i * width + k]! * p * (1 - p);
      }
    }
  }
  return { gradient, precision };
}

/** R, upper, with `R' R = a`. */
function choleskyRoot(a: Float64Array, width: number): Float64Array {
  const r = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      let sum = a[i * width + j]!;
      for (let k = 0; k < i; k++) {
        sum -= r[k * width + i]! * r[k * width + j]!;
      }
      r[i * width + j] = i === j ? Math.sqrt(sum) : sum / r[i * width + i]!;
    }
  }
  return r;
}

/** x with `R' x = b`. */
function solveLower(r: Float64Array, b: Float64Array): Float64Array {
  const width = b.length;
  const x = b.slice();
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < i; k++) x[i]! -= r[k * width + i]! * x[k]!;
    x[i]! /= r[i * width + i]!;
  }
  return x;
}

/** x with `R x = b`. */
function solveUpper(r: Float64Array, b: Float64Array): Float64Array {
  const width = b.length;
  const x = b.slice();
  for (let i = width - 1; i >= 0; i--) {
    for (let k = i + 1; k < width; k++) x[i]! -= r[i * width + k]! * x[k]!;
    x[i]! /= r[i * width + i]!;
  }
  return x;
}
