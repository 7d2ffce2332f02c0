import type { ScoreInputs } from "../../gpu-worker/detectors/score_types.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { TrainingDynamics } from "../../gpu-worker/signals/training_dynamics.ts";

/** A run that has nothing but probabilities by models that did not see the sample, such as those of cross-validation. */
export function outOfSampleInputs(
  labels: Int32Array,
  probs: Matrix,
): ScoreInputs {
  const dynamics = new TrainingDynamics({ labels, nClasses: probs.cols });
  dynamics.beginEpoch(0);
  dynamics.add(Int32Array.from(labels.keys()), probs, "probs");
  dynamics.endEpoch();
  return {
    labelNames: Array.from({ length: probs.cols }, (_, k) => String(k)),
    splits: [{
      split: "training",
      isOutOfSample: true,
      dynamics: dynamics.state,
      embeddings: null,
      contentHashes: null,
      textSignatures: null,
      sampleIds: null,
    }],
  };
}
