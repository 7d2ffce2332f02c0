import { probRows, type Probs } from "../kernels/prob_rows.ts";
import { shiftToMean } from "../kernels/shift_to_mean.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import {
  isRateKnown,
  knownMean,
  rateLogit,
  rateOf,
  softness,
} from "./_noise_rate.ts";
import { jointOfRows } from "./joint_of_rows.ts";
import { type LabelEvidence, MAX_UNCERTAINTY } from "./label_evidence.ts";
import type { LeftOutProbe } from "./left_out_probe.ts";

/** Log-odds are flat beyond this: the noise matrix is not known better. */
const MAX_LOG_ODDS = 6;
/** Below it ranks what is beyond. */
const BEYOND = 1e-3;

/**
 * Evidence from features and labels alone: what a probe says that did not see the label.
 *
 * Log-odds are the probe's, clipped to ±6; what is beyond only breaks ties. The noise rate is the logit mean of their mean probability and of the
 * confident joint, and `probability` is shifted so that its mean is that rate. It is calibrated, and the rate a number, unless the
 * probabilities are too soft, the confident joint says far more, or over a quarter of the samples are of classes with fewer than 20. The rival is the k other than the
 * given label that maximises `ln(P[k] + 1e-3) + ln(q[k] + 1e-3)`, with q the mean of P over the neighbours.
 *
 * Source: ours, on top of Northcutt, Jiang and Chuang (2021) for the joint.
 *
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param probe What the probe says, (n,) and (n, n_classes).
 * @param neighbourProbs Mean of its probabilities over neighbours, NaN rows where none, (n, n_classes).
 * @returns Evidence; `support` is the log-odds that the label is right.
 *
 * @example
 * ```ts
 * import { probeEvidence } from "./probe_evidence.ts";
 * import assert from "node:assert/strict";
 *
 * const probs = { data: Float32Array.of(0.9, 0.1, 0.9, 0.1), rows: 2, cols: 2 };
 * const probe = { logOdds: Float64Array.of(-2, 2), probs, isKernel: false };
 * assert.deepEqual(probeEvidence(Int32Array.of(0, 1), probe, probs).rival, Int32Array.of(1, 0));
 * ```
 */
export function probeEvidence(
  labels: Int32Array,
  probe: LeftOutProbe,
  neighbourProbs: Probs,
): LabelEvidence {
  const clipped = probe.logOdds.map((z) =>
    Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, z))
  );
  const plain = clipped.map(sigmoid);
  const said = knownMean(probe.logOdds.map(sigmoid));
  const joint = jointOfRows(probe.probs, labels).offDiagonalShare;
  const known = !Number.isNaN(said) && !Number.isNaN(joint);
  const rate = known ? rateOf((rateLogit(said) + rateLogit(joint)) / 2) : NaN;
  const shift = known ? shiftToMean(clipped, rate) : 0;
  const isCalibrated = known && softness(plain) <= MAX_UNCERTAINTY &&
    isRateKnown(rate, joint, labels, probe.logOdds);
  return {
    support: probe.logOdds.map((z) => -z),
    logOdds: clipped.map((z, i) => z + BEYOND * (probe.logOdds[i]! - z)),
    probability: clipped.map((z) => sigmoid(z + shift)),
    rival: rivals(labels, probe.probs, neighbourProbs),
    isCalibrated,
    noiseRate: isCalibrated ? rate : null,
  };
}

function rivals(
  labels: Int32Array,
  probs: Probs,
  neighbourProbs: Probs,
): Int32Array {
  const [own, near] = [probRows(probs), probRows(neighbourProbs)];
  const { rows, cols } = own;
  const [p, q] = [new Float32Array(cols), new Float32Array(cols)];
  const rival = new Int32Array(rows).fill(-1);
  for (let i = 0; i < rows; i++) {
    own.read(i, p);
    if (Number.isNaN(p[0]!)) continue;
    near.read(i, q);
    const isAlone = Number.isNaN(q[0]!);
    let best = -Infinity;
    for (let k = 0; k < cols; k++) {
      if (k === labels[i]) continue;
      const alone = p[k]! + 1e-3;
      const vote = alone * (isAlone ? alone : q[k]! + 1e-3);
      if (vote > best) {
        best = vote;
        rival[i] = k;
      }
    }
  }
  return rival;
}
