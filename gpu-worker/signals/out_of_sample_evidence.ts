import { confidentContradictions } from "../kernels/confident_contradictions.ts";
import { confidentJoint } from "../kernels/confident_joint.ts";
import {
  type LogOddsMargins,
  logOddsMargins,
} from "../kernels/log_odds_margins.ts";
import { lookalikeEvidence } from "../kernels/lookalike_evidence.ts";
import { lookalikeMargins } from "../kernels/lookalike_margins.ts";
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
/** Log-odds of a wrong label a unit of margin, and of one that asks less how unlikely the label is. */
const [PER_MARGIN, PER_LOOKALIKE_MARGIN] = [0.66, 1];
/** Labels that contradict the model are taken for its second thoughts at a thousand to one, */
const MIN_LOOKALIKE_EVIDENCE = Math.log(1000);
/** and if so many contradict it where it is sure: .001 to .005 of three sets with hardly any wrong labels, .04 and more of noisy ones. */
const MIN_CONFIDENT_CONTRADICTIONS = 0.02;

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
 * Where the labels that contradict the model are its own second thoughts, so
 * that a label is not the more suspicious the less likely it is, log-odds are
 * `-1.6 - margin` of {@linkcode lookalikeMargins}. It takes clear evidence: most
 * labels that people get wrong are not so, and there it would lose.
 *
 * Source: Northcutt, Jiang and Chuang (2021) for the joint; margins and
 * calibration ours, measured on CIFAR-10N and on labels made wrong.
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
  const isByOrder = isByLookalikes(predProbs, labels, plain);
  const support = isByOrder
    ? lookalikeMargins(predProbs, labels, joint.calibrated)
    : isCounted
    ? noiseAwareMargins(predProbs, labels, joint.calibrated, plain)
    : plain.margins;

  const probability = new Float64Array(labels.length); // holds odds against it until the shift is known
  writeOdds(plain.margins, PER_MARGIN, probability);
  const { mean: said, slope } = oddsMoments(probability);
  const byJoint = joint.offDiagonalShare;
  const known = Number.isFinite(byJoint) && said > 0;
  const rate = known
    ? shareOf((rateLogit(said) + rateLogit(byJoint)) / 2)
    : said;
  const perMargin = isByOrder ? PER_LOOKALIKE_MARGIN : PER_MARGIN;
  writeOdds(support, perMargin, probability);
  const shift = rate > 0 && rate < 1 ? shiftOddsToMean(probability, rate) : 0;
  const factor = Math.exp(-shift);
  const logOdds = support === plain.margins
    ? new Float64Array(labels.length)
    : plain.margins; // nobody needs those any more
  for (let i = 0; i < logOdds.length; i++) {
    logOdds[i] = logOddsOf(support[i]!, perMargin) + shift;
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

/** Whether wrong labels are the model's second thoughts. */
function isByLookalikes(
  predProbs: Matrix,
  labels: Int32Array,
  plain: LogOddsMargins,
): boolean {
  return confidentContradictions(predProbs, labels, plain) >=
      MIN_CONFIDENT_CONTRADICTIONS &&
    lookalikeEvidence(predProbs, labels, plain) >= MIN_LOOKALIKE_EVIDENCE;
}

function logOddsOf(margin: number, perMargin: number): number {
  const flat = Math.max(-MAX_MARGIN, Math.min(MAX_MARGIN, margin));
  return -1.6 - perMargin * flat - 1e-3 * (margin - flat);
}

/** Writes the odds that a label with each margin is right. */
function writeOdds(
  margins: Float64Array,
  perMargin: number,
  odds: Float64Array,
): void {
  for (let i = 0; i < odds.length; i++) {
    odds[i] = Math.exp(-logOddsOf(margins[i]!, perMargin));
  }
}

function offDiagonal(counts: Float64Array, cols: number): number {
  let sum = 0;
  for (let j = 0; j < counts.length; j++) sum += counts[j]!;
  for (let k = 0; k < cols; k++) sum -= counts[k * (cols + 1)]!;
  return sum;
}
