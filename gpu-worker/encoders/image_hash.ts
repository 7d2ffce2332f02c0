import { FACT_SIDE } from "./image_facts.ts";

/** Side of the grid that an image is brought to. */
const GRID = 32;
/** Frequencies of the hash, in each direction: 1 to this. */
const FREQUENCIES = 8;
/** Below this root mean square an image is blank: about one level of 8 bits in one wave. */
const BLANK = 1e-4;

/** Cosines of the waves, (FREQUENCIES, GRID). */
const WAVES = Float64Array.from(
  { length: FREQUENCIES * GRID },
  (_, i) =>
    Math.cos(
      Math.PI * (1 + Math.floor(i / GRID)) * (2 * (i % GRID) + 1) / (2 * GRID),
    ),
);

/**
 * Perceptual hash of an image: images that look alike differ in few of its 64 bits; up to 6 is nearly the same.
 *
 * Means of a 32 × 32 grid, their two-dimensional cosine transform (DCT-II) at the frequencies 1 to 8 in both directions, row after row from the
 * highest bit on: a bit is set where the coefficient is above the median of all.
 *
 * Source: Zauner (2010), Implementation and Benchmarking of Perceptual Image Hash Functions, section 3.2.1 (DCT based hash).
 *
 * @param luminance Of a square of pixels, row after row, (side * side,).
 * @param side A multiple of 32; default {@linkcode FACT_SIDE}.
 * @returns 64 bits as two words, the high one first; both 0 for a blank image.
 *
 * @example
 * ```ts
 * import { imageHash } from "./image_hash.ts";
 * import assert from "node:assert/strict";
 *
 * const bow = Float32Array.from({ length: 1024 }, (_, i) => Math.hypot(i % 32, i / 32) / 64);
 * const bright = bow.map((x) => 0.3 + 0.7 * x);
 * assert.deepEqual(imageHash(bow, 32), imageHash(bright, 32));
 * assert.deepEqual(imageHash(bow.fill(1), 32), [0, 0]);
 * ```
 */
export function imageHash(
  luminance: Float32Array,
  side: number = FACT_SIDE,
): [high: number, low: number] {
  const found = transformed(gridOf(luminance, side));
  const size = Math.sqrt(
    found.reduce((sum, x) => sum + x * x, 0) / found.length,
  );
  if (size < BLANK) return [0, 0];
  const sorted = found.toSorted();
  const middle = sorted.length / 2;
  const threshold = (sorted[middle - 1]! + sorted[middle]!) / 2;
  let [high, low] = [0, 0];
  found.forEach((x, i) => {
    if (x <= threshold) return;
    if (i < 32) high |= 1 << 31 - i;
    else low |= 1 << 63 - i;
  });
  return [high >>> 0, low >>> 0];
}

/** Means of the cells, (GRID, GRID). */
function gridOf(luminance: Float32Array, side: number): Float64Array {
  const cell = side / GRID;
  const grid = new Float64Array(GRID * GRID);
  for (let y = 0; y < side; y++) {
    const row = GRID * Math.floor(y / cell);
    for (let x = 0; x < side; x++) {
      const at = row + Math.floor(x / cell);
      grid[at]! += luminance[y * side + x]!;
    }
  }
  return grid.map((sum) => sum / (cell * cell));
}

/** Coefficients, each a quarter of its wave's amplitude, (FREQUENCIES, FREQUENCIES). */
function transformed(grid: Float64Array): Float64Array {
  const across = new Float64Array(GRID * FREQUENCIES); // of each row
  for (let y = 0; y < GRID; y++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let x = 0; x < GRID; x++) {
        sum += grid[y * GRID + x]! * WAVES[u * GRID + x]!;
      }
      across[y * FREQUENCIES + u] = sum;
    }
  }
  const found = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let v = 0; v < FREQUENCIES; v++) {
    for (let u = 0; u < FREQUENCIES; u++) {
      let sum = 0;
      for (let y = 0; y < GRID; y++) {
        sum += across[y * FREQUENCIES + u]! * WAVES[v * GRID + y]!;
      }
      found[v * FREQUENCIES + u] = sum / (GRID * GRID);
    }
  }
  return found;
}
