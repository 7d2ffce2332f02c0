import type { KnnGraph } from "../graphs/knn_graph.ts";
import { probRows, type Probs } from "../kernels/prob_rows.ts";

/** Probability of each row's label; NaN without one. */
export function probabilitiesOf(
  labels: Int32Array,
  probs: Probs,
): Float64Array {
  const source = probRows(probs);
  return Float64Array.from(
    labels,
    (label, row) => label < 0 ? NaN : source.get(row, label),
  );
}

/** Labelled neighbours of each row, and those labelled as its rival. */
export function neighbourVotes(
  labels: Int32Array,
  rival: Int32Array,
  graph: KnnGraph | null,
): { neighbours: Int32Array; neighboursForRival: Int32Array } {
  const neighbours = new Int32Array(labels.length);
  const neighboursForRival = new Int32Array(labels.length);
  graph?.neighbours.forEach((other, place) => {
    if (other < 0 || labels[other]! < 0) return;
    const row = Math.floor(place / graph.k);
    neighbours[row]!++;
    if (labels[other] === rival[row]) neighboursForRival[row]!++;
  });
  return { neighbours, neighboursForRival };
}
