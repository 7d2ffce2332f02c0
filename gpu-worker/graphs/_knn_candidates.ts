import type { Matrix } from "../kernels/matrix.ts";
import type { GraphSpec } from "./onnx.ts";

/** Score of a base row that is nobody's neighbour. */
export const EXCLUDED: number = -3e38;

/** Rows the graph can multiply. */
export interface Searchable extends Matrix {
  /** 0 for rows that have no neighbours; their values are 0. */
  readonly isUsable: Uint8Array;
}

/**
 * Top candidates of a block: the score grows with nearness, `query . point`
 * for cosine (rows have length 1), `query . point - |point|^2 / 2` for
 * Euclidean distance.
 */
export function candidateGraph(
  points: Searchable,
  from: number,
  to: number,
  top: number,
  metric: "cosine" | "euclidean",
): GraphSpec {
  const { cols } = points;
  const data = points.data.subarray(from * cols, to * cols);
  const bias = new Float32Array(to - from);
  for (let i = from; i < to; i++) {
    if (!points.isUsable[i]) bias[i - from] = EXCLUDED;
    else if (metric === "euclidean") {
      bias[i - from] = -squaredLength(points.data, i * cols, cols) / 2;
    }
  }
  return {
    name: "knn_graph",
    inputs: { query: ["b", cols] },
    outputs: {
      score: ["b", top],
      index: { type: "int32", shape: ["b", top] },
    },
    initializers: {
      base: { data, shape: [to - from, cols] },
      bias: { data: bias, shape: [1, to - from] },
      k: { data: BigInt64Array.of(BigInt(top)), shape: [1] },
    },
    nodes: [
      ["Gemm", ["query", "base", "bias"], "scores", { transB: 1 }], // (b, m)
      ["TopK", ["scores", "k"], ["score", "index64"], { axis: 1 }], // (b, top)
      ["Cast", ["index64"], "index", { to: 6 }], // int32
    ],
  };
}

/**
 * A copy the graph can multiply: rows of length 1 for cosine; for Euclidean
 * distance moved to `origin`, as float32 scores lose the small differences of
 * points far from 0. Rows that have no neighbours are 0.
 */
export function searchable(
  { data, rows, cols }: Matrix,
  origin: Float64Array | null,
): Searchable {
  const out = new Float32Array(data.length);
  const isUsable = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    const sum = squaredLength(data, start, cols);
    if (!Number.isFinite(sum) || (!origin && sum === 0)) continue;
    isUsable[i] = 1;
    for (let j = 0; j < cols; j++) {
      const value = data[start + j]!;
      out[start + j] = origin ? value - origin[j]! : value / Math.sqrt(sum);
    }
  }
  return { data: out, rows, cols, isUsable };
}

/** Mean of the finite rows, (d,). */
export function meanRow({ data, rows, cols }: Matrix): Float64Array {
  const mean = new Float64Array(cols);
  let n = 0;
  for (let i = 0; i < rows; i++) {
    if (!Number.isFinite(squaredLength(data, i * cols, cols))) continue;
    n++;
    for (let j = 0; j < cols; j++) mean[j]! += data[i * cols + j]!;
  }
  return mean.map((sum) => sum / Math.max(1, n));
}

function squaredLength(data: Float32Array, start: number, cols: number) {
  let sum = 0;
  for (let j = start; j < start + cols; j++) sum += data[j]! ** 2;
  return sum;
}
