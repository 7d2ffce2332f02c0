import type { Matrix } from "../kernels/matrix.ts";
import type { DynamicsState } from "./dynamics_state.ts";

/** The largest float32: what is beyond is told as this. */
const MOST = 2 ** 128 - 2 ** 104;

/**
 * How much a training step on each sample changes the loss of the sample
 * itself, in the last layer: `|z|^2 |onehot(y) - P|^2` with its embedding z and
 * its probabilities P in the last epoch it was met in. High for samples that
 * the model can only learn by heart.
 *
 * Of more than 64 classes the largest 64 probabilities count. NaN without a
 * label, an embedding or an epoch. O(n * (width + n_classes)).
 *
 * Source: Pruthi et al. (2020), "Estimating training data influence by tracing
 * gradient descent", NeurIPS; the last layer as in section 3.
 *
 * @param state Epochs folded.
 * @param embeddings Embeddings of the last epoch, NaN rows where missing, (n, width); null without.
 * @returns Influence, at least 0 and finite in float32, (n,).
 *
 * @example
 * ```ts
 * import { selfInfluence } from "./self_influence.ts";
 * import { TrainingDynamics } from "./training_dynamics.ts";
 * import assert from "node:assert/strict";
 *
 * const dynamics = new TrainingDynamics({ labels: Int32Array.of(0), nClasses: 2 });
 * dynamics.beginEpoch(0);
 * dynamics.add(Int32Array.of(0), { data: Float32Array.of(0.5, 0.5), rows: 1, cols: 2 }, "probs");
 * dynamics.endEpoch();
 * const embeddings = { data: Float32Array.of(2, 1), rows: 1, cols: 2 };
 * assert.deepEqual(selfInfluence(dynamics.state, embeddings), Float64Array.of(5 * 0.5));
 * ```
 */
export function selfInfluence(
  state: DynamicsState,
  embeddings: Matrix | null,
): Float64Array {
  const { nSamples, labels, lastConfidence } = state;
  const out = new Float64Array(nSamples).fill(NaN);
  const probs = state.lastProbs;
  if (!probs || !embeddings) return out;
  const slots = probs.length / nSamples;
  const { data, cols } = embeddings;
  for (let row = 0; row < nSamples; row++) {
    if (labels[row]! < 0) continue;
    let error = 1 - 2 * lastConfidence[row]!; // NaN: never met
    for (let j = row * slots; j < (row + 1) * slots; j++) {
      error += probs[j]! ** 2;
    }
    let square = 0;
    for (let j = row * cols; j < (row + 1) * cols; j++) square += data[j]! ** 2;
    out[row] = Math.min(MOST, square * Math.max(0, error));
  }
  return out;
}
