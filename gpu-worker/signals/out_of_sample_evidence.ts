import { confidentJoint } from "../kernels/confident_joint.ts";
import { logOddsMargins } from "../kernels/log_odds_margins.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { noiseAwareMargins } from "../kernels/noise_aware_margins.ts";
import { oddsMoments } from "../kernels/odds_moments.ts";
import { shiftOddsToMean } from "../kernels/shift_odds_to_mean.ts";
import { isRateKnown, rateLogit, shareOf } from "./_noise_rate.ts";
import { type LabelEvidence, MAX_UNCERTAINTY } from "./label_evidence.ts";

/** Classes up to which the noise matrix is always used. */
const MAX_CLASSES = 30;
/** Confident off-diagonal counts a class that more classes need. */
const MIN_COUNTS_PER_CLASS = 50;
/** Log-odds margins are flat beyond this: a network's certainty says no more there. */
const MAX_MARGIN = 7;

/**
 * Evidence from out-of-sample probabilities alone (cross-validation, a
 * held-out split), without epochs or embeddings.
 *
 * Log-odds are `-1.6 - 0.66 margin` of the noise-aware log-odds margin where
 * the noise matrix can be counted (at most 30 classes, or 50 confident
 * off-diagonal counts a class), else of the plain one; beyond 7 the margin only
 * breaks ties. They are shifted so that their mean is the noise rate: the
 * logit mean of what the plain margin says and of the confident joint. It is
 * told unless the plain probabilities are too soft, the confident joint says
 * far more, or over a quarter of the samples are of classes with fewer than 20.
 *
 * Source: Northcutt, Jiang and Chuang (2021) for the joint; margin and
 * calibration ours, measured on CIFAR-10N.
 *
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param predProbs Out-of-sample probabilities, NaN rows where unknown, (n, n_classes).
 * @returns Evidence; `support` is the margin.
 *
 * @example
 * ```ts
 * import { outOfSampleEvidence } from "./out_of_sample_evidence.ts";
 * import assert from "node:assert/strict";
 *
 * const probs = { data: Float32Array.of(0.9, 0.1, 0.9, 0.1), rows: 2, cols: 2 };
 * assert.deepEqual(outOfSampleEvidence(Int32Array.of(0, 1), probs).rival, Int32Array.of(1, 0));
 * ```
 */
export function outOfSampleEvidence(
  labels: Int32Array,
  predProbs: Matrix,
): LabelEvidence {
  const { cols } = predProbs;
  const plain = logOddsMargins(predProbs, labels);
  const joint = confidentJoint(predProbs, labels, plain);
  const isCounted = cols <= MAX_CLASSES ||
    offDiagonal(joint.counts, cols) >= MIN_COUNTS_PER_CLASS * cols;
  const support = isCounted
    ? noiseAwareMargins(predProbs, labels, joint.calibrated, plain)
    : plain.margins;

  const probability = new Float64Array(labels.length); // holds odds against it until the shift is known
  writeOdds(plain.margins, probability);
  const { mean: said, slope } = oddsMoments(probability);
  const byJoint = joint.offDiagonalShare;
  const known = Number.isFinite(byJoint) && said > 0;
  const rate = known
    ? shareOf((rateLogit(said) + rateLogit(byJoint)) / 2)
    : said;
  writeOdds(support, probability);
  const shift = rate > 0 && rate < 1 ? shiftOddsToMean(probability, rate) : 0;
  const factor = Math.exp(-shift);
  const logOdds = support === plain.margins
    ? new Float64Array(labels.length)
    : plain.margins; // nobody needs those any more
  for (let i = 0; i < logOdds.length; i++) {
    logOdds[i] = logOddsOf(support[i]!) + shift;
    probability[i] = 1 / (1 + probability[i]! * factor);
  }
  const isUnsure = !known || 4 * slope > MAX_UNCERTAINTY ||
    !isRateKnown(rate, byJoint, labels, logOdds);
  return {
    support,
    logOdds,
    probability,
    rival: plain.rivals,
    isCalibrated: false,
    noiseRate: isUnsure ? null : rate,
  };
}

function logOddsOf(margin: number): number {
  const flat = Math.max(-MAX_MARGIN, Math.min(MAX_MARGIN, margin));
  return -1.6 - 0.66 * flat - 1e-3 * (margin - flat);
}

/** Writes the odds that a label with each margin is right. */
function writeOdds(margins: Float64Array, odds: Float64Array): void {
  for (let i = 0; i < odds.length; i++) {
    odds[i] = Math.exp(-logOddsOf(margins[i]!));
  }
}

function offDiagonal(counts: Float64Array, cols: number): number {
  let sum = 0;
  for (let j = 0; j < counts.length; j++) sum += counts[j]!;
  for (let k = 0; k < cols; k++) sum -= counts[k * (cols + 1)]!;
  return sum;
}
