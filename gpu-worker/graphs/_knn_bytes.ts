import { randomRotation } from "../kernels/random_rotation.ts";
import {
  copyRows,
  meanRow,
  type Metric,
  type SearchRows,
  stretch,
} from "./_knn_rows.ts";
import { type Search, sessionOptions } from "./_knn_scores.ts";
import type { GraphSpec, InitializerSpec, NodeSpec } from "./onnx.ts";
import { type GraphSession, openSession } from "./session.ts";

const SEED = 20_111;
const BLOCK_ROWS = 512;
/** Rows of a piece of the base. */
export const SHARD_ROWS = 32_768;
/** Rows whose coordinates say what range the bytes have to hold. */
const RANGE_ROWS = 512;
/** Share of their coordinates that fit. */
const RANGE_QUANTILE = 0.9999;
/** Bytes of queries lie around it, so that they are unsigned. */
export const BYTE_ZERO = 128;
const QUERY_LEVELS = 127;
/** Two products of a query's and a base's byte then fit into 16 bits, in which processors without VNNI add them: all give the same. */
const BASE_LEVELS = 64;
/** Columns at most that hold large digits of ends. */
const MAX_END_COLUMNS = 64;

/** Rows as bytes, whose products grow with nearness. */
export interface ByteRows {
  /** Width of both. */
  readonly cols: number;
  /** Around {@linkcode BYTE_ZERO}, (n, cols). */
  readonly queries: Uint8Array;
  /** Pieces of {@linkcode SHARD_ROWS} rows, each (cols, rows). */
  readonly base: readonly Int8Array[];
}

/**
 * Moves rows to their mean and turns them at random, so that coordinates need little range and none more than another, and rounds them: queries to
 * 8 bits, the base to 7. A score is then the product and a number of the point, its end: half its squared length, negative, of a Euclidean one;
 * `mean . point` of a cosine, as `q . p = (q - mean) . (p - mean) + mean . p`, and a number that is the same for all points. Ends are written
 * in digits of base 127, each in a column of its own, where queries have 127.
 */
export async function byteRows(search: Search): Promise<ByteRows> {
  const { queries, points, metric, signal } = search;
  const options = sessionOptions(search);
  const turn = turnOf(points, metric);
  const { width } = turn;
  const range = await coordinateRange(search, turn);
  const ends = endDigits(endsOf(points, turn), range);
  const cols = width + ends.nDigits;
  const asQueries = new Uint8Array(queries.rows * cols).fill(
    BYTE_ZERO + QUERY_LEVELS,
  );
  for (let i = 0; i < queries.rows; i++) {
    asQueries[(i + 1) * cols - 1] = BYTE_ZERO + 1;
  }
  const base: Int8Array[] = [];
  const session = await openSession(
    turnGraph(turn, range),
    options,
  );
  const isSame = queries === points;
  try {
    for (let from = 0; from < points.rows; from += SHARD_ROWS) {
      const rows = Math.min(SHARD_ROWS, points.rows - from);
      const piece = new Int8Array(cols * rows);
      ends.write(from, rows, piece.subarray(width * rows));
      base.push(piece);
    }
    await forBlocks(session, points, (query, turned, from, to) => {
      const piece = base[Math.floor(from / SHARD_ROWS)]!;
      const rows = piece.length / cols;
      for (let j = 0; j < width; j++) {
        piece.set(
          turned.subarray(j * (to - from), (j + 1) * (to - from)),
          j * rows + from % SHARD_ROWS,
        );
      }
      if (isSame) putQueries(query, from, to);
    });
    if (!isSame) {
      await forBlocks(
        session,
        queries,
        (query, _, from, to) => putQueries(query, from, to),
      );
    }
  } finally {
    await session.release();
  }
  return { cols, queries: asQueries, base };

  function putQueries(query: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const start = (i - from) * width;
      asQueries.set(query.subarray(start, start + width), i * cols);
    }
  }

  async function forBlocks(
    session: GraphSession,
    rows: SearchRows,
    take: (
      query: Uint8Array,
      base: Int8Array,
      from: number,
      to: number,
    ) => void,
  ): Promise<void> {
    for (let from = 0; from < rows.rows; from += BLOCK_ROWS) {
      signal?.throwIfAborted();
      const block = stretch(rows, from, from + BLOCK_ROWS);
      const { query, base } = await session.run({
        row: { data: block.data, shape: [block.rows, block.cols] },
      });
      take(
        query!.data as Uint8Array,
        base!.data as Int8Array,
        from,
        from + block.rows,
      );
    }
  }
}

/** How rows are moved and turned. */
interface Turn {
  /** Width of rows that come in. */
  readonly cols: number;
  /** Of those that go out, without a Euclidean row's end. */
  readonly width: number;
  /** (cols, width). */
  readonly rotation: Float32Array;
  /** Mean of cosine rows, (width,); null for Euclidean ones, which were moved before. */
  readonly mean: Float64Array | null;
}

function turnOf(points: SearchRows, metric: Metric): Turn {
  const { cols } = points;
  const width = metric === "cosine" ? cols : cols - 1;
  const rotation = new Float32Array(cols * width);
  rotation.set(randomRotation(width, SEED).data);
  const mean = metric === "cosine" ? meanRow(points) : null;
  return { cols, width, rotation, mean };
}

/** What is added to the products of each point. */
function endsOf({ data, rows, cols }: SearchRows, { mean }: Turn) {
  const ends = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    if (!mean) ends[i] = data[start + cols - 1]!;
    else for (let j = 0; j < cols; j++) ends[i]! += data[start + j]! * mean[j]!;
  }
  return ends;
}

/** What almost all turned coordinates of some rows, evenly spread over the points, stay below. */
async function coordinateRange(search: Search, turn: Turn): Promise<number> {
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
function turnGraph(
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

/** Ends, less their middle, in units of a product of bytes. */
function endDigits(ends: Float64Array, range: number): {
  nDigits: number;
  write: (from: number, rows: number, into: Int8Array) => void;
} {
  const units = QUERY_LEVELS * BASE_LEVELS / range ** 2;
  let least = Infinity;
  let greatest = -Infinity;
  for (const end of ends) {
    least = Math.min(least, end * units);
    greatest = Math.max(greatest, end * units);
  }
  const perColumn = QUERY_LEVELS * BASE_LEVELS;
  const nLarge = Math.min(
    MAX_END_COLUMNS,
    Math.ceil((greatest - least) / 2 / perColumn),
  );
  const limit = nLarge * perColumn;
  // where they do not fit the far ones are cut
  const middle = Math.max((least + greatest) / 2, greatest - limit);
  return {
    nDigits: nLarge + 1,
    write(from, rows, into) {
      for (let i = 0; i < rows; i++) {
        const end = ends[from + i]! * units - middle;
        let rest = Math.round(Math.max(-limit, Math.min(limit, end)));
        for (let digit = 0; digit < nLarge; digit++) {
          const value = Math.max(
            -BASE_LEVELS,
            Math.min(BASE_LEVELS, Math.round(rest / QUERY_LEVELS)),
          );
          into[digit * rows + i] = value;
          rest -= value * QUERY_LEVELS;
        }
        into[nLarge * rows + i] = rest;
      }
    },
  };
}
