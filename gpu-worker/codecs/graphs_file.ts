import { decodeArrays, encodeArrays, type StoredArray } from "./array_file.ts";

/** Nearest neighbours of every row, as `KnnGraph` in `graphs/` has them. */
export interface StoredGraph {
  /** Places a row. */
  readonly k: number;
  /** Row of each neighbour, -1 in an empty place, (n * k,). */
  readonly neighbours: Int32Array;
  /** Similarity or distance, NaN in an empty place, (n * k,). */
  readonly values: Float32Array;
}

/** Graphs of one scoring as one file: 8 bytes a place. */
export function encodeGraphs(
  graphs: ReadonlyMap<string, StoredGraph>,
): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, StoredArray> = {};
  const shapes = Array.from(graphs, ([name, { k, neighbours, values }], i) => {
    arrays[`${i}.neighbours`] = neighbours as StoredArray;
    arrays[`${i}.values`] = values as StoredArray;
    return { name, k };
  });
  return encodeArrays({ graphs: shapes }, arrays);
}

/** What {@linkcode encodeGraphs} made; the arrays are views into the file. */
export function decodeGraphs(
  file: Uint8Array<ArrayBuffer>,
): Map<string, StoredGraph> {
  const { meta, arrays } = decodeArrays(file);
  const { graphs } = meta as { graphs: { name: string; k: number }[] };
  return new Map(
    graphs.map(({ name, k }, i) => [name, {
      k,
      neighbours: arrays[`${i}.neighbours`] as Int32Array,
      values: arrays[`${i}.values`] as Float32Array,
    }]),
  );
}
