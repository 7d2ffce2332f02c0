import type { Matrix } from "./matrix.ts";
import { seededRandom } from "./seeded_random.ts";

/** Transforms, each after signs of its own: enough that each coordinate is spread over all, also where two windows overlap little. */
const TRANSFORMS = 4;

/**
 * A random orthogonal matrix: rows multiplied with it keep lengths and angles, and no coordinate stays larger than others.
 *
 * Signs at random, then a Walsh-Hadamard transform of the first `2^floor(log2(size))` coordinates; the same of the last; twice.
 * The same for the same seed on every machine. O(size^2 log(size)).
 *
 * Source: Ailon and Chazelle 2009, "The fast Johnson-Lindenstrauss transform", SIAM J. Comput. 39; two windows where the size is no power of 2
 * are ours.
 *
 * @param size Rows and columns.
 * @param seed Any integer; its low 32 bits count.
 * @returns (size, size); its transpose is its inverse.
 *
 * @example
 * ```ts
 * import { randomRotation } from "./random_rotation.ts";
 * import assert from "node:assert/strict";
 *
 * const [a, b] = randomRotation(2, 1).data;
 * assert.ok(Math.abs(a! ** 2 + b! ** 2 - 1) < 1e-6);
 * ```
 */
export function randomRotation(size: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  const window = size === 0 ? 0 : 2 ** Math.floor(Math.log2(size));
  const signs = Array.from(
    { length: TRANSFORMS },
    () => Float32Array.from({ length: size }, () => random() < 0.5 ? -1 : 1),
  );
  for (let i = 0; i < size; i++) {
    const row = data.subarray(i * size, (i + 1) * size);
    signs.forEach((sign, t) => {
      for (let j = 0; j < size; j++) row[j]! *= sign[j]!;
      const start = t % 2 === 0 ? 0 : size - window;
      transform(row.subarray(start, start + window));
    });
  }
  return { data, rows: size, cols: size };
}

/** Walsh-Hadamard transform that keeps length, in place; the length is a power of 2. */
function transform(row: Float32Array): void {
  for (let half = 1; half < row.length; half *= 2) {
    for (let start = 0; start < row.length; start += 2 * half) {
      for (let j = start; j < start + half; j++) {
        const a = row[j]!;
        const b = row[j + half]!;
        row[j] = (a + b) * Math.SQRT1_2;
        row[j + half] = (a - b) * Math.SQRT1_2;
      }
    }
  }
}
