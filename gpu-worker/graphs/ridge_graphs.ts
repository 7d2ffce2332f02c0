import type { Matrix } from "../kernels/matrix.ts";
import type { GraphSpec, InitializerSpec, NodeSpec } from "./onnx.ts";

/** Random features of rows: `scale * cos(row * weights + phases)`. */
export interface CosineMap {
  /** (width, n_features). */
  readonly weights: Matrix;
  /** In radians, (n_features,). */
  readonly phases: Float32Array;
  /** What cosines are multiplied with. */
  readonly scale: number;
}

/** What the rows that come in are to the regression: themselves, or their random features. */
export interface RidgeRows {
  /** Width of the rows. */
  readonly width: number;
  /** Null: the rows themselves. */
  readonly map: CosineMap | null;
}

/**
 * Columns of the regression: features, and one that is 1.
 *
 * @param rows What the rows are.
 * @returns p, their number.
 *
 * @example
 * ```ts
 * import { ridgeWidth } from "./ridge_graphs.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(ridgeWidth({ width: 2, map: null }), 3);
 * ```
 */
export function ridgeWidth({ width, map }: RidgeRows): number {
  return (map?.weights.cols ?? width) + 1;
}

/**
 * `rows` (b, width), `given` (b, n_classes) -> `gram` x'x (p, p) and `moment` x'given (p, n_classes).
 *
 * @param rows What the rows are; their columns are x (b, p), with p of {@linkcode ridgeWidth}.
 * @param nClasses Number of classes.
 * @returns The graph.
 *
 * @example
 * ```ts
 * import { ridgeSumsGraph } from "./ridge_graphs.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(ridgeSumsGraph({ width: 2, map: null }, 5).outputs.moment, [3, 5]);
 * ```
 */
export function ridgeSumsGraph(rows: RidgeRows, nClasses: number): GraphSpec {
  const { initializers, nodes } = ridgeColumns(rows);
  const p = ridgeWidth(rows);
  return {
    name: "ridge_sums",
    inputs: { rows: ["b", rows.width], given: ["b", nClasses] },
    outputs: { gram: [p, p], moment: [p, nClasses] },
    initializers,
    nodes: [
      ...nodes, // x (b, p)
      ["Gemm", ["x", "x"], "gram", { transA: 1 }], // (p, p)
      ["Gemm", ["x", "given"], "moment", { transA: 1 }], // (p, n_classes)
    ],
  };
}

/**
 * `rows` (b, width) -> `leverage` (b, n_penalties) and `fitted` (b, m).
 *
 * @param rows What the rows are.
 * @param axes Eigenvectors of x'x, one a row, (p, p).
 * @param shrink What the square along each axis is multiplied with, (p, n_penalties).
 * @param weights Weights on the axes, (p, m).
 * @returns The graph.
 *
 * @example
 * ```ts
 * import { ridgeSearchGraph } from "./ridge_graphs.ts";
 * import assert from "node:assert/strict";
 *
 * const one = { data: Float32Array.of(1, 0, 0, 1), rows: 2, cols: 2 };
 * const graph = ridgeSearchGraph({ width: 1, map: null }, one, one, one);
 * assert.deepEqual(graph.outputs.leverage, ["b", 2]);
 * ```
 */
export function ridgeSearchGraph(
  rows: RidgeRows,
  axes: Matrix,
  shrink: Matrix,
  weights: Matrix,
): GraphSpec {
  const { initializers, nodes } = ridgeColumns(rows);
  return {
    name: "ridge_search",
    inputs: { rows: ["b", rows.width] },
    outputs: { leverage: ["b", shrink.cols], fitted: ["b", weights.cols] },
    initializers: {
      ...initializers,
      axes: constant(axes),
      shrink: constant(shrink),
      weights: constant(weights),
    },
    nodes: [
      ...nodes, // x (b, p)
      ["Gemm", ["x", "axes"], "turned", { transB: 1 }], // (b, p)
      ["Mul", ["turned", "turned"], "squares"], // (b, p)
      ["MatMul", ["squares", "shrink"], "leverage"], // (b, n_penalties)
      ["MatMul", ["turned", "weights"], "fitted"], // (b, m)
    ],
  };
}

/**
 * `rows` (b, width) -> `fitted` (b, n_classes).
 *
 * @param rows What the rows are.
 * @param weights Weights on the columns, (p, n_classes).
 * @returns The graph.
 *
 * @example
 * ```ts
 * import { ridgeFitGraph } from "./ridge_graphs.ts";
 * import assert from "node:assert/strict";
 *
 * const weights = { data: Float32Array.of(2, 1), rows: 2, cols: 1 };
 * assert.deepEqual(ridgeFitGraph({ width: 1, map: null }, weights).outputs.fitted, ["b", 1]);
 * ```
 */
export function ridgeFitGraph(rows: RidgeRows, weights: Matrix): GraphSpec {
  const { initializers, nodes } = ridgeColumns(rows);
  return {
    name: "ridge_fit",
    inputs: { rows: ["b", rows.width] },
    outputs: { fitted: ["b", weights.cols] },
    initializers: { ...initializers, weights: constant(weights) },
    nodes: [
      ...nodes, // x (b, p)
      ["MatMul", ["x", "weights"], "fitted"], // (b, n_classes)
    ],
  };
}

/** `rows` (b, width) -> `x` (b, p). */
function ridgeColumns(
  { map }: RidgeRows,
): { initializers: Record<string, InitializerSpec>; nodes: NodeSpec[] } {
  const last = {
    pads: { data: BigInt64Array.of(0n, 0n, 0n, 1n), shape: [4] },
    one: { data: Float32Array.of(1), shape: [] },
  };
  if (!map) {
    return {
      initializers: last,
      nodes: [["Pad", ["rows", "pads", "one"], "x"]],
    };
  }
  return {
    initializers: {
      ...last,
      directions: constant(map.weights),
      phases: { data: map.phases, shape: [1, map.phases.length] },
      scale: { data: Float32Array.of(map.scale), shape: [] },
    },
    nodes: [
      ["Gemm", ["rows", "directions", "phases"], "angles"], // (b, p - 1)
      ["Cos", ["angles"], "cosines"], // (b, p - 1)
      ["Mul", ["cosines", "scale"], "features"], // (b, p - 1)
      ["Pad", ["features", "pads", "one"], "x"], // (b, p)
    ],
  };
}

function constant({ data, rows, cols }: Matrix): InitializerSpec {
  return { data, shape: [rows, cols] };
}
