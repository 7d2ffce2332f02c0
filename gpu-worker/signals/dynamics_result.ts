import type { Probs } from "../kernels/prob_rows.ts";
import { shareRows } from "./class_sums.ts";
import { classSumsOf, type DynamicsState } from "./dynamics_state.ts";

/** What the epochs say about each sample, (n,) unless it says otherwise. NaN: never met, or unlabelled where a label is needed. */
export interface DynamicsResult {
  /** Given labels, -1 where unlabelled. */
  readonly labels: Int32Array;
  /** Numbers of the epochs. */
  readonly epochs: readonly number[];
  /** Accuracy on given labels in each of them. */
  readonly accuracy: readonly number[];
  /** Epochs each sample was met in. */
  readonly epochsSeen: Uint16Array;
  /** Probabilities averaged with epoch weights, made as they are asked for, (n, n_classes). */
  readonly meanProbs: Probs;
  /** Probability margin averaged with epoch weights. */
  readonly meanMargin: Float64Array;
  /** Epochs in which a class was predicted for a sample. */
  readonly predictionCount: (row: number, label: number) => number;
  /** Area under the margin: mean logit margin. Pleiss et al. 2020. */
  readonly areaUnderMargin: Float64Array;
  /** Mean probability of the given label. Swayamdipta et al. 2020. */
  readonly confidence: Float64Array;
  /** Its standard deviation. */
  readonly variability: Float64Array;
  /** Share of epochs that predicted the given label. */
  readonly correctness: Float64Array;
  /** Times it was forgotten. Toneva et al. 2019. */
  readonly forgettingEvents: Uint16Array;
  /** Position in `epochs` at which it was first learned; -1 never. */
  readonly firstLearnedEpoch: Int32Array;
  /** EL2N of an early epoch. Paul et al. 2021. */
  readonly el2n: Float32Array;
  /** Prediction in the last epoch met; -1 never met. */
  readonly lastPrediction: Int32Array;
  /** The given label's probability then. */
  readonly lastConfidence: Float32Array;
}

/**
 * Means of what was summed over epochs. O(n); `meanProbs` O(n_classes) a row that is read.
 *
 * With one epoch its weight cancels: `meanProbs` are that epoch's up to rounding.
 *
 * @param state Sums; not changed, partly shared with the result.
 * @returns Means.
 *
 * @example
 * ```ts
 * import { dynamicsResult } from "./dynamics_result.ts";
 * import { TrainingDynamics } from "./training_dynamics.ts";
 * import assert from "node:assert/strict";
 *
 * const dynamics = new TrainingDynamics({ labels: Int32Array.of(0), nClasses: 2 });
 * dynamics.beginEpoch(0);
 * dynamics.add(Int32Array.of(0), { data: Float32Array.of(0.75, 0.25), rows: 1, cols: 2 }, "probs");
 * dynamics.endEpoch();
 * assert.equal(dynamicsResult(dynamics.state).confidence[0], 0.75);
 * ```
 */
export function dynamicsResult(state: DynamicsState): DynamicsResult {
  const { nSamples, labels, epochsSeen } = state;
  const sums = classSumsOf(state);
  const mean = (sums: ArrayLike<number>) =>
    Float64Array.from(
      { length: nSamples },
      (_, i) => labels[i]! < 0 ? NaN : sums[i]! / epochsSeen[i]!,
    );
  const confidence = mean(state.confidenceSum);
  const variability = mean(state.confidenceSquareSum).map((square, i) =>
    Math.sqrt(Math.max(0, square - confidence[i]! ** 2))
  );
  return {
    labels,
    epochs: state.epochs,
    accuracy: state.accuracy,
    epochsSeen,
    meanProbs: shareRows(sums, state.weightSum),
    meanMargin: state.weightedMargin.map((sum, i) =>
      labels[i]! < 0 ? NaN : sum / state.weightSum[i]!
    ),
    predictionCount: (row, label) => sums.countOf(row, label),
    areaUnderMargin: mean(state.logitMarginSum),
    confidence,
    variability,
    correctness: mean(state.correctCount),
    forgettingEvents: state.forgettingEvents,
    firstLearnedEpoch: state.firstLearnedEpoch,
    el2n: state.el2n,
    lastPrediction: state.lastPrediction,
    lastConfidence: state.lastConfidence,
  };
}
