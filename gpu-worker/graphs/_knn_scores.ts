import type { Metric, SearchRows } from "./_knn_rows.ts";
import type { GraphSpec, InitializerSpec, NodeSpec } from "./onnx.ts";
import type { GraphSession, SessionOptions } from "./session.ts";

/** What every method searches. */
export interface Search extends SessionOptions {
  /** Rows to find neighbours for. */
  readonly queries: SearchRows;
  /** Rows to find them among. */
  readonly points: SearchRows;
  /** Candidates wanted a query; more than k, so that rounding at the edge costs nothing. */
  readonly width: number;
  /** What near means. */
  readonly metric: Metric;
  /** Ends the search between two blocks. */
  readonly signal?: AbortSignal;
  /** Called after each block with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** Places in `points`, -1 for none, (queries.rows * width,). */
export type Places = Int32Array;

/**
 * Best rows of `base` for a block of queries: `query` (b, cols) -> `score` (b, k) descending, `index` (b, k).
 *
 * @param cols Width of the rows.
 * @param metric What near means.
 * @param resident Rows that stay on the device, (m, cols), and k; null: they come with each block, as `base` and `k` (1,).
 */
export function scoreGraph(
  cols: number,
  metric: Metric,
  resident: { readonly base: SearchRows; readonly top: number } | null,
): GraphSpec {
  const ends = metric === "cosine" ? null : queryEnds(cols);
  return {
    name: "knn_scores",
    inputs: {
      query: ["b", cols],
      ...(!resident &&
        { base: ["m", cols], k: { type: "int64", shape: [1] } }),
    },
    outputs: {
      score: ["b", "k"],
      index: { type: "int32", shape: ["b", "k"] },
    },
    initializers: {
      ...(resident && {
        base: { data: resident.base.data, shape: [resident.base.rows, cols] },
        k: { data: BigInt64Array.of(BigInt(resident.top)), shape: [1] },
      }),
      ...ends?.initializers,
    },
    nodes: [
      ...ends?.nodes ?? [],
      ["Gemm", [ends ? "ended" : "query", "base"], "scores", { transB: 1 }], // (b, m)
      ["TopK", ["scores", "k"], ["score", "index64"], { axis: 1 }], // (b, k)
      ["Cast", ["index64"], "index", { to: 6 }], // int32
    ],
  };
}

/** All scores: `query` (b, cols), `base` (m, cols) -> `scores` (b, m). */
export function allScoresGraph(cols: number, metric: Metric): GraphSpec {
  const ends = metric === "cosine" ? null : queryEnds(cols);
  return {
    name: "knn_all_scores",
    inputs: { query: ["b", cols], base: ["m", cols] },
    outputs: { scores: ["b", "m"] },
    ...(ends && { initializers: ends.initializers }),
    nodes: [
      ...ends?.nodes ?? [],
      ["Gemm", [ends ? "ended" : "query", "base"], "scores", { transB: 1 }], // (b, m)
    ],
  };
}

/** `query` (b, cols) -> `ended`, its last column a 1. */
function queryEnds(
  cols: number,
): { initializers: Record<string, InitializerSpec>; nodes: NodeSpec[] } {
  const keep = new Float32Array(cols).fill(1);
  const one = new Float32Array(cols);
  keep[cols - 1] = 0;
  one[cols - 1] = 1;
  return {
    initializers: {
      keep: { data: keep, shape: [1, cols] },
      one: { data: one, shape: [1, cols] },
    },
    nodes: [
      ["Mul", ["query", "keep"], "kept"], // (b, cols)
      ["Add", ["kept", "one"], "ended"], // (b, cols)
    ],
  };
}

/** The best `width` of each query so far, over pieces of the base that come one after the other. */
export class BestPlaces {
  /** See {@linkcode Places}. */
  readonly places: Places;
  readonly #scores: Float32Array;
  readonly #width: number;
  readonly #oldScores: Float32Array;
  readonly #oldPlaces: Int32Array;

  /** @param rows Queries. @param width Places a query. */
  constructor(rows: number, width: number) {
    this.#width = width;
    this.places = new Int32Array(rows * width).fill(-1);
    this.#scores = new Float32Array(rows * width).fill(-Infinity);
    this.#oldScores = new Float32Array(width);
    this.#oldPlaces = new Int32Array(width);
  }

  /** Puts in what a piece has for one query: `top` scores, descending, from `start` of `scores` on; `placeOf` says where a row of the piece is. */
  add(
    query: number,
    scores: ArrayLike<number>,
    index: ArrayLike<number>,
    start: number,
    top: number,
    placeOf: (row: number) => number,
  ): void {
    const at = query * this.#width;
    if (!(scores[start]! > this.#scores[at + this.#width - 1]!)) return;
    this.#oldScores.set(this.#scores.subarray(at, at + this.#width));
    this.#oldPlaces.set(this.places.subarray(at, at + this.#width));
    let a = 0;
    let b = 0;
    for (let j = at; j < at + this.#width; j++) {
      if (b < top && scores[start + b]! > this.#oldScores[a]!) {
        this.#scores[j] = scores[start + b]!;
        this.places[j] = placeOf(index[start + b++]!);
      } else {
        this.#scores[j] = this.#oldScores[a]!;
        this.places[j] = this.#oldPlaces[a++]!;
      }
    }
  }

  /** Puts in what is best of all scores of one query from `start` on, one for each of `places`. */
  scan(
    query: number,
    scores: Float32Array,
    start: number,
    places: Int32Array,
  ): void {
    const from = query * this.#width;
    const last = from + this.#width - 1;
    let least = this.#scores[last]!;
    for (let i = 0; i < places.length; i++) {
      const score = scores[start + i]!;
      if (!(score > least)) continue;
      let at = last;
      for (; at > from && this.#scores[at - 1]! < score; at--) {
        this.#scores[at] = this.#scores[at - 1]!;
        this.places[at] = this.places[at - 1]!;
      }
      this.#scores[at] = score;
      this.places[at] = places[i]!;
      least = this.#scores[last]!;
    }
  }
}

/** Runs such a graph on queries `from..to-1`; with the best `top` of `base`, where it is not resident. */
export async function bestOf(
  session: GraphSession,
  { data, cols }: SearchRows,
  from: number,
  to: number,
  moving?: { readonly base: SearchRows; readonly top: number },
): Promise<{ score: Float32Array; index: Int32Array }> {
  const { score, index } = await session.run({
    query: {
      data: data.subarray(from * cols, to * cols),
      shape: [to - from, cols],
    },
    ...(moving && {
      base: { data: moving.base.data, shape: [moving.base.rows, cols] },
      k: { data: BigInt64Array.of(BigInt(moving.top)), shape: [1] },
    }),
  });
  return {
    score: score!.data as Float32Array,
    index: index!.data as Int32Array,
  };
}

/** Device and threads alone. */
export function sessionOptions(
  { device, threads }: SessionOptions,
): SessionOptions {
  return { ...(device && { device }), ...(threads && { threads }) };
}
