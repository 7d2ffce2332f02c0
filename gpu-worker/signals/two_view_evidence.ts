import { probRows } from "../kernels/prob_rows.ts";
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
import {
  type RunView,
  type SecondView,
  viewLogOdds,
  type ViewWeight,
} from "./second_view.ts";

/** The confident joint may be this many times a rate that a run has a say in: up to it, rates were as right as below 1.2. */
const MOST_JOINT = 1.75;

/**
 * Evidence about one split's labels from two opinions: the run's own, and that of features which the training did not shape.
 *
 * With s the run's support, v what {@linkcode viewLogOdds} says, g the weight, b the slope and c the sharpness:
 * `logOdds = (1 - g) own + g c (-0.8 - 0.3 b s + v)`, c = 1 where that is too soft already; a sample of which the view says nothing keeps the run's own.
 * The noise rate is the mean of the sigmoid of that, moved in log-odds by g / 2 towards the logit mean of the probe's probability and of its confident
 * joint; `probability` is shifted so that its mean is the rate. The rate is null where probabilities are too soft, the joint says far more, or over
 * a quarter of the samples are of classes with fewer than 20; `isCalibrated` only where there is a rate and the view counts.
 * The rival is the k other than the given label that maximises `ln(p[k] + 1e-3) + (ln(q[k] + 1e-3) + ln(qF[k] + 1e-3) + ln(P[k] + 1e-3)) / 2`: the run,
 * its neighbours, those by features, the probe; those that say nothing do not vote. O(n * n_classes).
 *
 * Source: ours; a fit on 8 runs of human, class-dependent, instance-dependent and pair noise, checked on others. Northcutt, Jiang and Chuang (2021) for the joint.
 *
 * @param own What the run alone gives; `support` is kept.
 * @param run The same, as numbers.
 * @param view What the features say.
 * @param weighed How much that counts; see {@linkcode viewWeight}.
 * @returns Evidence.
 *
 * @example
 * ```ts
 * import { labelEvidence } from "./label_evidence.ts";
 * import { twoViewEvidence } from "./two_view_evidence.ts";
 * import assert from "node:assert/strict";
 *
 * const labels = Int32Array.of(0, 0);
 * const meanProbs = { data: Float32Array.of(0.6, 0.4, 0.6, 0.4), rows: 2, cols: 2 };
 * const own = labelEvidence(labels, meanProbs, Float64Array.of(0.2, 0.2), null);
 * const probs = { data: Float32Array.of(0.9, 0.1, 0.1, 0.9), rows: 2, cols: 2 };
 * const view = { probe: { logOdds: Float64Array.of(-2, 2), probs }, neighbourProbs: probs };
 * const run = { labels, support: own.support, meanProbs, neighbourProbs: null };
 * const { logOdds } = twoViewEvidence(own, run, view, { weight: 1, slope: 1.65, sharpness: 1 });
 * assert.ok(logOdds[1]! > logOdds[0]!);
 * ```
 */
export function twoViewEvidence(
  own: LabelEvidence,
  run: RunView,
  view: SecondView,
  { weight, slope, sharpness }: ViewWeight,
): LabelEvidence {
  const { labels, support } = run;
  const { probe } = view;
  const against = viewLogOdds(labels, view);
  const joined = (sharpness: number) =>
    own.logOdds.map((z, i) => {
      const both = sharpness * (-0.8 - 0.3 * slope * support[i]! + against[i]!);
      return Number.isNaN(both) ? z : (1 - weight) * z + weight * both;
    });
  const plain = joined(1);
  const isSoft = !(softness(plain.map(sigmoid)) <= MAX_UNCERTAINTY); // NaN of none
  const logOdds = isSoft ? plain : joined(sharpness);
  const said = knownMean(logOdds.map(sigmoid));
  const byProbe = knownMean(probe.logOdds.map(sigmoid));
  const joint = jointOfRows(probe.probs, labels).offDiagonalShare;
  const known = !Number.isNaN(said + byProbe + joint);
  const toward = (rateLogit(byProbe) + rateLogit(joint)) / 2;
  const rate = known && weight > 0
    ? rateOf(rateLogit(said) + weight / 2 * (toward - rateLogit(said)))
    : said;
  const shift = known && weight > 0 ? shiftToMean(logOdds, rate) : 0;
  const hasRate = known && !isSoft &&
    isRateKnown(rate, joint, labels, logOdds, MOST_JOINT);
  return {
    support: own.support,
    logOdds,
    probability: logOdds.map((z) => sigmoid(z + shift)),
    rival: rivals(run, view),
    isCalibrated: hasRate && weight > 0,
    noiseRate: hasRate ? rate : null,
  };
}

/** The most likely other label by four votes, those of the run counting twice; -1 where the run says nothing. */
function rivals(
  { labels, meanProbs, neighbourProbs }: RunView,
  { probe, neighbourProbs: near }: SecondView,
): Int32Array {
  const [mean, ...others] = [
    meanProbs,
    neighbourProbs ?? meanProbs,
    near,
    probe.probs,
  ].map((probs) => {
    const source = probRows(probs);
    return { source, row: new Float32Array(source.cols) };
  });
  const { source: { cols }, row: own } = mean!;
  return labels.map((y, i) => {
    mean!.source.read(i, own);
    if (Number.isNaN(own[0]!)) return -1;
    const votes = others.map(({ source, row }) => {
      source.read(i, row);
      return Number.isNaN(row[0]!) ? null : row;
    });
    votes[0] ??= own;
    let rival = -1;
    let best = -Infinity;
    for (let k = 0; k < cols; k++) {
      if (k === y) continue;
      let vote = Math.log(own[k]! + 1e-3);
      for (const p of votes) {
        if (p) vote += Math.log(p[k]! + 1e-3) / 2;
      }
      if (vote > best) {
        best = vote;
        rival = k;
      }
    }
    return rival;
  });
}
