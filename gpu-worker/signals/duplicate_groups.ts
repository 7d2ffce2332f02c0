import { connectedComponents } from "../kernels/connected_components.ts";
import { quantile } from "../kernels/quantile.ts";
import { similarSignatures } from "../kernels/similar_signatures.ts";
import { imagePairs } from "./image_pairs.ts";
import { SIGNATURE_LENGTH } from "./text_signature.ts";

/** How two samples were found to be the same. */
export type DuplicateSource =
  | "identical"
  | "text"
  | "embedding"
  | "image"
  | "columns";

/** Groups of samples that say almost the same, (n,). */
export interface DuplicateGroups {
  /** Smallest row of the sample's group; -1 where it has no duplicate. */
  readonly group: Int32Array;
  /** Most similar other sample of the group; -1 for none. */
  readonly partner: Int32Array;
  /** Similarity to it in [0, 1]: 1 identical, else estimated share of common shingles, of common bits of image hashes, or `1 - distance ratio`; 0 for none. */
  readonly similarity: Float32Array;
  /** How `partner` was found; undefined for none. */
  readonly source: readonly (DuplicateSource | undefined)[];
  /** How much nearer than usual the nearest other is, whether they are joined or not: `1 - distance ratio`, [0, 1]; 0 with a text, or unknown. */
  readonly nearness: Float32Array;
}

/** What duplicates can be found by; each may be missing. */
export interface DuplicateInputs {
  /** Number of samples. */
  readonly nSamples: number;
  /** Hash of each sample's whole content; null where unknown. */
  readonly contentHashes: readonly (string | null)[] | null;
  /** Text signatures, (n * 64,). */
  readonly textSignatures: Uint32Array | null;
  /** Perceptual hashes of images, two words each, zeros where there is none, (n * 2,). */
  readonly imageHashes?: Uint32Array | null;
  /** Euclidean neighbours on standardised embeddings or features, k of 2 or more; `source` says which, default `embedding`. */
  readonly neighbours: {
    readonly source?: DuplicateSource;
    readonly k: number;
    readonly neighbours: Int32Array;
    readonly values: Float32Array;
  } | null;
}

/** Thresholds. */
export interface DuplicateSettings {
  /** Least share of common shingles of two texts. */
  readonly minTextSimilarity: number;
  /** Largest distance of a pair, as a share of the median distance to the 2nd to 10th neighbour of each. */
  readonly maxDistanceRatio: number;
  /** Most bits of 64 in which the hashes of two images differ; fewer where images of the dataset are all alike. */
  readonly maxHashBits: number;
}

/** Thresholds that were measured. */
export const DUPLICATE_DEFAULTS: DuplicateSettings = {
  minTextSimilarity: 0.8,
  maxDistanceRatio: 0.3,
  maxHashBits: 6,
};

/** Bits of a hash. */
const HASH_BITS = 64;

/**
 * Samples that say almost the same: identical content, or texts with almost the
 * same shingles, or images with almost the same perceptual hash, or, for samples
 * without text, embeddings that are mutually far nearer than their other
 * neighbours. Groups are connected components of pairs.
 *
 * Where both samples have a text, texts decide: the hidden layer of a trained
 * model puts samples together that it need not tell apart. Deterministic;
 * nearly O(n * k), plus sorting.
 *
 * Source: Broder (1997) for texts; distance ratio ours.
 *
 * @param inputs What to find duplicates by.
 * @param settings Thresholds.
 * @returns Groups.
 *
 * @example
 * ```ts
 * import { duplicateGroups } from "./duplicate_groups.ts";
 * import assert from "node:assert/strict";
 *
 * const { group } = duplicateGroups({
 *   nSamples: 3,
 *   contentHashes: ["a", "b", "a"],
 *   textSignatures: null,
 *   neighbours: null,
 * });
 * assert.deepEqual(group, Int32Array.of(0, -1, 0));
 * ```
 */
export function duplicateGroups(
  inputs: DuplicateInputs,
  settings: DuplicateSettings = DUPLICATE_DEFAULTS,
): DuplicateGroups {
  const n = inputs.nSamples;
  const partner = new Int32Array(n).fill(-1);
  const similarity = new Float32Array(n);
  const source: (DuplicateSource | undefined)[] = new Array(n).fill(undefined);
  const pairs: number[] = [];
  const join = (a: number, b: number, s: number, by: DuplicateSource) => {
    pairs.push(a, b);
    for (const [row, other] of [[a, b], [b, a]] as const) {
      if (similarity[row]! >= s) continue;
      similarity[row] = s;
      partner[row] = other;
      source[row] = by;
    }
  };
  identicalPairs(inputs, join);
  textPairs(inputs, settings, join);
  hashPairs(inputs, settings, join);
  const nearness = embeddingPairs(inputs, settings, join);

  const component = connectedComponents(n, pairs);
  const group = component.map((c, i) => partner[i]! < 0 ? -1 : c);
  return { group, partner, similarity, source, nearness };
}

type Join = (a: number, b: number, s: number, by: DuplicateSource) => void;

function identicalPairs({ contentHashes }: DuplicateInputs, join: Join): void {
  const firstByHash = new Map<string, number>();
  contentHashes?.forEach((hash, row) => {
    if (hash === null) return;
    const first = firstByHash.get(hash);
    if (first === undefined) firstByHash.set(hash, row);
    else join(first, row, 1, "identical");
  });
}

function textPairs(
  { textSignatures }: DuplicateInputs,
  { minTextSimilarity }: DuplicateSettings,
  join: Join,
): void {
  if (!textSignatures) return;
  const { pairs, similarity } = similarSignatures(
    textSignatures,
    SIGNATURE_LENGTH,
    minTextSimilarity,
  );
  similarity.forEach((s, i) =>
    join(pairs[2 * i]!, pairs[2 * i + 1]!, s, "text")
  );
}

function hashPairs(
  { imageHashes }: DuplicateInputs,
  { maxHashBits }: DuplicateSettings,
  join: Join,
): void {
  if (!imageHashes) return;
  const { pairs, distance } = imagePairs(imageHashes, maxHashBits);
  distance.forEach((bits, i) => {
    const similarity = 1 - (bits + 1) / (HASH_BITS + 1); // only the same is 1
    join(pairs[2 * i]!, pairs[2 * i + 1]!, similarity, "image");
  });
}

function embeddingPairs(
  { neighbours: graph, textSignatures, nSamples }: DuplicateInputs,
  { maxDistanceRatio }: DuplicateSettings,
  join: Join,
): Float32Array {
  const nearness = new Float32Array(nSamples);
  if (!graph || graph.k < 2) return nearness;
  const { k, neighbours, values, source = "embedding" } = graph;
  const hasText = (row: number) =>
    textSignatures !== null &&
    textSignatures[row * SIGNATURE_LENGTH] !== 0xffffffff;
  // usual distance: to the 2nd to 10th neighbour, so that one twin does not count
  const usual = Float64Array.from(
    { length: nSamples },
    (_, i) => quantile(values.subarray(i * k + 1, (i + 1) * k), 0.5),
  );
  const typical = quantile(usual, 0.5);
  if (!(typical > 0)) return nearness; // most rows coincide: distance tells nothing
  const ratio = (i: number, place: number) =>
    values[i * k + place]! / (usual[i]! || typical);
  for (let i = 0; i < nSamples; i++) {
    if (!hasText(i)) nearness[i] = Math.max(0, 1 - ratio(i, 0)) || 0; // NaN: no neighbour
    for (let place = 0; place < k; place++) {
      const other = neighbours[i * k + place]!;
      if (other <= i) continue; // each pair once; -1 too
      const back = neighbours.subarray(other * k, (other + 1) * k).indexOf(i);
      if (back < 0 || (hasText(i) && hasText(other))) continue;
      const worst = Math.max(ratio(i, place), ratio(other, back));
      if (worst <= maxDistanceRatio) {
        join(i, other, 1 - worst, source);
      }
    }
  }
  return nearness;
}
