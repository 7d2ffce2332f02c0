import { randomRotation } from "../kernels/random_rotation.ts";
import {
  copyRows,
  meanRow,
  type Metric,
  type SearchRows,
} from "./_knn_rows.ts";
import { type Search, sessionOptions } from "./_knn_scores.ts";
import type { GraphSpec, InitializerSpec, NodeSpec } from "./onnx.ts";
import { openSession } from "./session.ts";

const SEED = 20_111;
/** Rows whose coordinates say what range the bytes have to hold. */
const RANGE_ROWS = 512;
/** Share of their coordinates that fit. */
const RANGE_QUANTILE = 0.9999;
/** Bytes of queries lie around it, so that they are unsigned. */
export const BYTE_ZERO = 128;
/** Greatest distance from it. */
export const QUERY_LEVELS = 127;
/** Two products of a query's and a base's byte then fit into 16 bits, in which processors without VNNI add them: all give the same. */
export const BASE_LEVELS = 64;

/** How rows are moved and turned. */
export interface Turn {
  /** Width of rows that come in. */
  readonly cols: number;
  /** Of those that go out, without a Euclidean row's end. */
  readonly width: number;
  /** (cols, width). */
  readonly rotation: Float32Array;
  /** Mean of cosine rows, (width,); null for Euclidean ones, which were moved before. */
  readonly mean: Float64Array | null;
}

/** The mean of the points, and a rotation by a fixed seed. */
export function turnOf(points: SearchRows, metric: Metric): Turn {
  const { cols } = points;
  const width = metric === "cosine" ? cols : cols - 1;
  const rotation = new Float32Array(cols * width);
  rotation.set(randomRotation(width, SEED).data);
  const mean = metric === "cosine" ? meanRow(points) : null;
  return { cols, width, rotation, mean };
}

/** What almost all turned coordinates of some rows, evenly spread over the points, stay below. */
export async function coordinateRange(
  search: Search,
  turn: Turn,
): Promise<number> {
  const { points } = search;
  const { cols } = points;
  const step = Math.max(1, Math.floor(points.rows / RANGE_ROWS));
  const n = Math.min(RANGE_ROWS, points.rows);
  const some = Int32Array.from({ length: n }, (_, i) => i * step);
  const data = copyRows(points, some, new Float32Array(n * cols));
  const session = await openSession(
    turnGraph(turn, null),
    sessionOptions(search),
  );
  try {
    const { turned } = await session.run({ row: { data, shape: [n, cols] } });
    const sizes = (turned!.data as Float32Array).map(Math.abs).sort();
    const range = sizes[Math.floor(RANGE_QUANTILE * (sizes.length - 1))] ?? 0;
    return range > 0 ? range : 1;
  } finally {
    await session.release();
  }
}

/** `row` (b, cols) -> `turned` (b, width); with a range, `query` (b, width) around 128 and `base` (width, b). */
export function turnGraph(
  { cols, width, rotation, mean }: Turn,
  range: number | null,
): GraphSpec {
  const number = (value: number): InitializerSpec => ({
    data: Float32Array.of(value),
    shape: [],
  });
  const origin = new Float32Array(cols);
  origin.set(mean ?? []);
  const initializers: Record<string, InitializerSpec> = {
    origin: { data: origin, shape: [1, cols] },
    rotation: { data: rotation, shape: [cols, width] },
  };
  const nodes: NodeSpec[] = [
    ["Sub", ["row", "origin"], "moved"], // (b, cols)
    ["MatMul", ["moved", "rotation"], "turned"], // (b, width)
  ];
  if (range === null) {
    return {
      name: "knn_turn",
      inputs: { row: ["b", cols] },
      outputs: { turned: ["b", width] },
      initializers,
      nodes,
    };
  }
  return {
    name: "knn_bytes",
    inputs: { row: ["b", cols] },
    outputs: {
      query: { type: "uint8", shape: ["b", width] },
      base: { type: "int8", shape: [width, "b"] },
    },
    initializers: {
      ...initializers,
      per_range: number(1 / range),
      least: number(-1),
      greatest: number(1),
      query_levels: number(QUERY_LEVELS),
      base_levels: number(BASE_LEVELS),
      zero: number(BYTE_ZERO),
    },
    nodes: [
      ...nodes,
      ["Mul", ["turned", "per_range"], "share"],
      ["Clip", ["share", "least", "greatest"], "clipped"],
      ["Mul", ["clipped", "query_levels"], "query_level"],
      ["Round", ["query_level"], "query_round"],
      ["Add", ["query_round", "zero"], "query_byte"],
      ["Cast", ["query_byte"], "query", { to: 2 }], // uint8 (b, width)
      ["Mul", ["clipped", "base_levels"], "base_level"],
      ["Round", ["base_level"], "base_round"],
      ["Cast", ["base_round"], "base_byte", { to: 3 }], // int8 (b, width)
      ["Transpose", ["base_byte"], "base", { perm: [1, 0] }], // (width, b)
    ],
  };
}
