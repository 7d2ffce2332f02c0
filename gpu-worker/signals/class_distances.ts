import type { GraphSpec } from "../graphs/onnx.ts";
import { openSession, type SessionOptions } from "../graphs/session.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { centredRows, centredSums, medianRow } from "./_centred_rows.ts";

/** How far each sample lies from others of its class, (n,); NaN unknown. */
export interface ClassDistances {
  /** Class each sample is taken for; -1 is one too. */
  readonly classes: Int32Array;
  /** Euclidean, in the points' own units. */
  readonly position: Float64Array;
  /** Euclidean between points scaled to length 1, in [0, 2]. */
  readonly direction: Float64Array;
}

/** How to measure. */
export interface ClassDistancesOptions extends SessionOptions {
  /** Ends the work between two blocks. */
  readonly signal?: AbortSignal;
}

/** Members of a class that its samples are compared with, evenly spaced. */
const CLASS_REFERENCES = 100;
/** Share of them that is as near as the distance told: a clump that is smaller looks as far away as it is. */
const NEAR_SHARE = 0.1;
/** Rows that tell where the middle of all is. */
const CENTRE_ROWS = 1000;
/** Smaller classes tell nothing. */
const LEAST_MEMBERS = 10;
/** Fixed, so that the same input gives the same output on any number of workers. */
const BLOCK_ROWS = 1024;

/**
 * Distance of each sample to the nearest tenth of its class: of up to 100 other
 * members, evenly spaced, that many are as near or nearer.
 *
 * Unlike a distance to the k-th neighbour it does not shrink in a clump of
 * garbage that is smaller than a tenth of the class it is taken for, whatever
 * its size, and it does not grow in a class of few samples. Rows with a
 * non-finite value, and classes of fewer than ten, are NaN; a row of zeros has
 * no direction and counts as at right angles to all. One matrix product of
 * (n, d) with (d, 100) on the device, in float32, of points less the median of
 * each column, so that small differences far from 0 are not lost; O(n * (d + 100)) here.
 *
 * Source: ours; the k-th neighbour as in Ramaswamy, Rastogi and Shim (2000).
 *
 * @param points Any numbers, (n, d).
 * @param classes Class each sample is taken for; -1 is one too, (n,).
 * @param options Device, threads, signal.
 * @returns Distances.
 * @throws The reason of `options.signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { classDistances } from "./class_distances.ts";
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 30);
 * const { position } = await classDistances({ data, rows: 10, cols: 1 }, new Int32Array(10));
 * assert.equal(position[9], 22); // from 8, the nearest of nine others
 * ```
 */
export async function classDistances(
  points: Matrix,
  classes: Int32Array,
  { signal, ...session }: ClassDistancesOptions = {},
): Promise<ClassDistances> {
  const { data, rows, cols } = points;
  const position = new Float64Array(rows).fill(NaN);
  const direction = new Float64Array(rows).fill(NaN);
  const squares = new Float64Array(rows);
  const members = new Map<number, number[]>();
  const usable: number[] = [];
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let j = row * cols; j < (row + 1) * cols; j++) sum += data[j]! ** 2;
    squares[row] = sum;
    if (!Number.isFinite(sum)) continue;
    usable.push(row);
    const own = members.get(classes[row]!);
    if (own) own.push(row);
    else members.set(classes[row]!, [row]);
  }
  if (cols === 0 || usable.length === 0) {
    return { classes, position, direction };
  }
  const centre = medianRow(points, evenlySpaced(usable, CENTRE_ROWS));
  const centred = centredSums(points, centre);
  const centreSquares = centre.reduce((sum, x) => sum + x * x, 0);
  const products = await openSession(productGraph(cols), session);
  try {
    for (const own of members.values()) {
      if (own.length < LEAST_MEMBERS) continue;
      const references = evenlySpaced(own, CLASS_REFERENCES);
      const others = centredRows(points, references, centre);
      for (let from = 0; from < own.length; from += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const block = own.slice(from, from + BLOCK_ROWS);
        const { dot } = await products.run({
          rows: {
            data: centredRows(points, block, centre),
            shape: [block.length, cols],
          },
          others: { data: others, shape: [references.length, cols] },
        });
        measure(block, references, dot!.data as Float32Array);
      }
    }
  } finally {
    await products.release();
  }
  return { classes, position, direction };

  function measure(block: number[], references: number[], dot: Float32Array) {
    const near = new Float64Array(references.length);
    const turned = new Float64Array(references.length);
    block.forEach((row, i) => {
      const length = Math.sqrt(squares[row]!);
      let n = 0;
      references.forEach((other, j) => {
        if (other === row) return;
        const apart = dot[i * references.length + j]!; // (x - c) (y - c)
        const product = apart + centred.along[row]! + centred.along[other]! +
          centreSquares; // x y
        const both = length * Math.sqrt(squares[other]!);
        near[n] = centred.squares[row]! + centred.squares[other]! - 2 * apart;
        turned[n++] = 2 - 2 * (both > 0 ? product / both : 0);
      });
      const place = Math.max(1, Math.ceil(NEAR_SHARE * n)) - 1;
      position[row] = Math.sqrt(Math.max(0, smallest(near, n, place)));
      direction[row] = Math.sqrt(Math.max(0, smallest(turned, n, place)));
    });
  }
}

function productGraph(cols: number): GraphSpec {
  return {
    name: "class_products",
    inputs: { rows: ["b", cols], others: ["m", cols] },
    outputs: { dot: ["b", "m"] },
    nodes: [["Gemm", ["rows", "others"], "dot", { transB: 1 }]],
  };
}

/** The value at that place of the first n in ascending order; their order is lost. */
function smallest(values: Float64Array, n: number, place: number): number {
  for (let i = 0; i <= place; i++) { // a few places of a hundred: no sort
    let least = i;
    for (let j = i + 1; j < n; j++) if (values[j]! < values[least]!) least = j;
    const value = values[least]!;
    values[least] = values[i]!;
    values[i] = value;
  }
  return values[place]!;
}

function evenlySpaced(rows: readonly number[], most: number): number[] {
  const count = Math.min(rows.length, most);
  return Array.from(
    { length: count },
    (_, i) => rows[Math.floor(i * rows.length / count)]!,
  );
}
