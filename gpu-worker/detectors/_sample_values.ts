import type { KnnGraph } from "../graphs/knn_graph.ts";
import { knnShapley } from "../kernels/knn_shapley.ts";
import { selfInfluence } from "../signals/self_influence.ts";
import { concatFloat32 } from "./_concat.ts";
import type { DynamicsColumns } from "./detector.ts";
import type { SplitInputs } from "./score_types.ts";

/** Neighbours that vote in a sample's worth. */
const VOTING = 10;

/** Mean of P (1 - P) over epochs, with P the given label's probability: its mean less its mean square. */
export function aleatoricOf(
  { confidence, variability }: DynamicsColumns,
): Float32Array {
  return Float32Array.from(
    confidence,
    (mean, row) => Math.max(0, mean - mean ** 2 - variability[row]! ** 2),
  );
}

/** Of every sample of all splits. */
export function selfInfluences(splits: readonly SplitInputs[]): Float32Array {
  return concatFloat32(
    splits.map(({ dynamics, embeddings }) =>
      selfInfluence(dynamics, embeddings)
    ),
  );
}

/** What each sample is worth to the votes of its neighbours, all votes together; NaN without neighbours. */
export function votingWorth(
  labels: Int32Array,
  graph: KnnGraph | null,
): Float32Array {
  if (!graph) return new Float32Array(labels.length).fill(NaN);
  const { neighbours, k: listed } = graph;
  const mean = knnShapley({
    neighbours,
    listed,
    k: Math.min(VOTING, listed),
    labels,
  });
  let nVotes = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row]! < 0) continue;
    const own = neighbours.subarray(row * listed, (row + 1) * listed);
    if (own.some((other) => other >= 0 && labels[other]! >= 0)) nVotes++;
  }
  return Float32Array.from(mean, (value) => value * nVotes);
}
