import { ClassSums, emptyClassSums } from "./class_sums.ts";

/** Sums over epochs, (n,) unless it says otherwise: plain typed arrays that can be stored and go on later. */
export interface DynamicsState {
  /** Samples. */
  readonly nSamples: number;
  /** Classes. */
  readonly nClasses: number;
  /** Given labels, -1 where unlabelled. */
  readonly labels: Int32Array;
  /** Numbers of the epochs folded, ascending. */
  readonly epochs: number[];
  /** Accuracy on given labels in each of them; NaN where no labelled sample was met. */
  readonly accuracy: number[];
  /** Rows that were skipped: not finite, or no probabilities. */
  nSkippedRows: number;
  /** Epochs each sample was met in. */
  readonly epochsSeen: Uint16Array;
  /** Sum of epoch weights. */
  readonly weightSum: Float64Array;
  /** Weighted sum of probability margins. */
  readonly weightedMargin: Float64Array;
  /** Class of each slot of the two below, above 64 classes, (n * 64,); absent: slot k is class k. */
  readonly slotClasses?: Int32Array;
  /** Weighted sum of probabilities, (n * slots,) with a slot for every class, or 64. */
  readonly weightedProbs: Float32Array;
  /** Epochs in which each class was predicted, (n * slots,). */
  readonly predictionCounts: Uint16Array;
  /** Sum of probability margins. */
  readonly marginSum: Float64Array;
  /** Sum of logit margins. */
  readonly logitMarginSum: Float64Array;
  /** Sum of the given label's probability. */
  readonly confidenceSum: Float64Array;
  /** Sum of its square. */
  readonly confidenceSquareSum: Float64Array;
  /** Epochs in which the given label was predicted. */
  readonly correctCount: Uint16Array;
  /** Times the prediction went from right to wrong between epochs the sample was met in. */
  readonly forgettingEvents: Uint16Array;
  /** Position in `epochs` at which the given label was first predicted; -1 never. */
  readonly firstLearnedEpoch: Int32Array;
  /** Norm of probabilities less one-hot label in an early epoch; NaN unknown. */
  readonly el2n: Float32Array;
  /** Class of each slot of `lastProbs`, as for `slotClasses`. */
  readonly lastSlotClasses?: Int32Array;
  /** Probabilities in the last epoch met, 0 before, (n * slots,); states of before they were kept have none. */
  readonly lastProbs?: Float32Array;
  /** Prediction in the last epoch met; -1 never met. */
  readonly lastPrediction: Int32Array;
  /** The given label's probability then; NaN unknown. */
  readonly lastConfidence: Float32Array;
  /** Whether that prediction was the given label; -1 unknown. */
  readonly lastCorrect: Int8Array;
}

/**
 * Sums over no epochs.
 *
 * @param labels Given labels, -1 where unlabelled, (n,); kept.
 * @param nClasses Number of classes, at least 1.
 * @returns A state of zeros.
 * @throws {RangeError} If a label is not in -1..nClasses-1.
 *
 * @example
 * ```ts
 * import { emptyDynamics } from "./dynamics_state.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(emptyDynamics(Int32Array.of(0, -1), 2).nSamples, 2);
 * ```
 */
export function emptyDynamics(
  labels: Int32Array,
  nClasses: number,
): DynamicsState {
  const wrong = labels.findIndex((y) => y < -1 || y >= nClasses);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot fold epochs as labels[${wrong}] must be in -1..${
        nClasses - 1
      }: current value is ${labels[wrong]}`,
    );
  }
  const n = labels.length;
  const { classes, sums, counts } = emptyClassSums(n, nClasses, true);
  const last = emptyClassSums(n, nClasses, false);
  return {
    nSamples: n,
    nClasses,
    labels,
    epochs: [],
    accuracy: [],
    nSkippedRows: 0,
    epochsSeen: new Uint16Array(n),
    weightSum: new Float64Array(n),
    weightedMargin: new Float64Array(n),
    ...(classes && { slotClasses: classes }),
    weightedProbs: sums,
    predictionCounts: counts!,
    marginSum: new Float64Array(n),
    logitMarginSum: new Float64Array(n),
    confidenceSum: new Float64Array(n),
    confidenceSquareSum: new Float64Array(n),
    correctCount: new Uint16Array(n),
    forgettingEvents: new Uint16Array(n),
    firstLearnedEpoch: new Int32Array(n).fill(-1),
    el2n: new Float32Array(n).fill(NaN),
    ...(last.classes && { lastSlotClasses: last.classes }),
    lastProbs: last.sums,
    lastPrediction: new Int32Array(n).fill(-1),
    lastConfidence: new Float32Array(n).fill(NaN),
    lastCorrect: new Int8Array(n).fill(-1),
  };
}

/** The sums over classes of a state: what is added to them is added to it. */
export function classSumsOf(state: DynamicsState): ClassSums {
  return new ClassSums(state.nClasses, {
    classes: state.slotClasses ?? null,
    sums: state.weightedProbs,
    counts: state.predictionCounts,
  });
}

/** The probabilities of the last epoch of a state, in the same way; null where it keeps none. */
export function lastProbsOf(state: DynamicsState): ClassSums | null {
  return state.lastProbs
    ? new ClassSums(state.nClasses, {
      classes: state.lastSlotClasses ?? null,
      sums: state.lastProbs,
      counts: null,
    })
    : null;
}
