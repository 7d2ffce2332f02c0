import { type KnnGraph, knnGraph } from "../graphs/knn_graph.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { euclideanWithin } from "../kernels/euclidean_within.ts";
import { standardizeColumns } from "../kernels/standardize_columns.ts";
import {
  DUPLICATE_DEFAULTS,
  type DuplicateGroups,
  duplicateGroups,
  type DuplicateSource,
} from "../signals/duplicate_groups.ts";
import { SIGNATURE_LENGTH } from "../signals/text_signature.ts";
import type { GraphShelf } from "./graph_shelf.ts";
import type { SplitRange } from "./detector.ts";
import type { ScoreOptions, SplitInputs } from "./score_types.ts";

/** Neighbours that vote on labels. */
const LABEL_NEIGHBOURS = 20;
/** Neighbours that say what distance is usual. */
const DUPLICATE_NEIGHBOURS = 10;
/** Share of the whole that is done before duplicates are looked for. */
export const LABEL_SHARE = 0.5;
const DUPLICATE_SHARE = 0.4;

/** Embeddings of all splits, NaN rows where a split has none; null if none has any. */
export function concatEmbeddings(
  splits: readonly SplitInputs[],
  nSamples: number,
): Matrix | null {
  const given = splits.flatMap((s) => s.embeddings ?? []);
  const cols = given[0]?.cols ?? 0;
  if (cols === 0) return null;
  const other = given.find((m) => m.cols !== cols);
  if (other) {
    throw new RangeError(
      `Cannot score splits as their embeddings must have one width: got ${cols} and ${other.cols}`,
    );
  }
  if (splits.length === 1) return given[0]!;
  const data = new Float32Array(nSamples * cols).fill(NaN);
  let start = 0;
  for (const { embeddings, dynamics } of splits) {
    if (embeddings) data.set(embeddings.data, start * cols);
    start += dynamics.nSamples;
  }
  return { data, rows: nSamples, cols };
}

/** Cosine neighbours of every row: of training samples among training samples, of others among all. Progress is its own, up to 1. */
export async function labelNeighbours(
  all: Matrix,
  ranges: readonly SplitRange[],
  { device, threads, signal, onProgress }: ScoreOptions,
): Promise<KnnGraph> {
  const k = LABEL_NEIGHBOURS;
  const neighbours = new Int32Array(all.rows * k).fill(-1);
  const values = new Float32Array(all.rows * k).fill(NaN);
  for (const { split, start, end } of ranges) {
    const queries = {
      data: all.data.subarray(start * all.cols, end * all.cols),
      rows: end - start,
      cols: all.cols,
    };
    const isTraining = split === "training";
    const graph = await knnGraph({
      queries,
      base: isTraining ? queries : all,
      selfOffset: isTraining ? 0 : start,
      k,
      metric: "cosine",
      ...(device && { device }),
      ...(threads && { threads }),
      ...(signal && { signal }),
      onProgress: (f) => {
        onProgress?.((start + f * (end - start)) / all.rows, "neighbours");
      },
    });
    const offset = isTraining ? start : 0;
    neighbours.set(
      graph.neighbours.map((j) => j < 0 ? j : j + offset),
      start * k,
    );
    values.set(graph.values, start * k);
  }
  return { k, neighbours, values };
}

/**
 * Samples that say almost the same, over all splits; those without text where points of theirs almost coincide. Those are looked for among
 * `near`, neighbours of all rows among all rows by the same points, where there are such: what almost coincides is near by the cosine, too.
 */
export async function findDuplicates(
  splits: readonly SplitInputs[],
  seen: { points: Matrix; source: DuplicateSource } | null,
  nSamples: number,
  { device, threads, signal, onProgress, settings }: ScoreOptions,
  graphs: GraphShelf,
  near: KnnGraph | null = null,
): Promise<DuplicateGroups> {
  const neighbours = seen &&
    await graphs.get("distance", nSamples, async () => {
      const points = standardizeColumns(seen.points);
      if (near) {
        const { neighbours, k } = near;
        return euclideanWithin(points, neighbours, k, DUPLICATE_NEIGHBOURS);
      }
      return await knnGraph({
        queries: points,
        base: points,
        selfOffset: 0,
        k: DUPLICATE_NEIGHBOURS,
        metric: "euclidean",
        ...(device && { device }),
        ...(threads && { threads }),
        ...(signal && { signal }),
        onProgress: (f) =>
          onProgress?.(LABEL_SHARE + DUPLICATE_SHARE * f, "duplicates"),
      });
    });
  const hashes = splits.flatMap((s) =>
    s.contentHashes ?? new Array<null>(s.dynamics.nSamples).fill(null)
  );
  const signatures = new Uint32Array(nSamples * SIGNATURE_LENGTH);
  signatures.fill(0xffffffff);
  const imageHashes = new Uint32Array(nSamples * 2);
  let start = 0;
  for (const split of splits) {
    const { textSignatures, dynamics } = split;
    if (textSignatures) {
      signatures.set(textSignatures, start * SIGNATURE_LENGTH);
    }
    if (split.imageHashes) imageHashes.set(split.imageHashes, start * 2);
    start += dynamics.nSamples;
  }
  return duplicateGroups({
    nSamples,
    contentHashes: hashes,
    textSignatures: signatures,
    imageHashes,
    neighbours: neighbours && { ...neighbours, source: seen!.source },
  }, { ...DUPLICATE_DEFAULTS, ...settings?.near_duplicate });
}
