import type { CosineMap } from "../graphs/ridge_graphs.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { quantile } from "../kernels/quantile.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";

/** Random features at most. */
const MOST_FEATURES = 1024;
/** Rows a random feature, so that a regression on them cannot learn every row by heart. */
const ROWS_PER_FEATURE = 3;
/** Rows whose distances give the kernel its width. */
const MEASURED_ROWS = 400;
/** Length of a row of features: that of a row of one view. */
const LENGTH = 4;

/**
 * Random Fourier features of a Gaussian kernel as wide as the median distance of 400 rows: a regression on them is nearly one by that kernel.
 *
 * There are a third as many as rows to learn from, at most 1,024. The same seed gives the same map. O(400^2 * width + width * 1,024).
 *
 * Source: Rahimi and Recht (2007), "Random features for large-scale kernel machines"; the median is a common rule for the width.
 *
 * @param features Rows to map, (n, width).
 * @param rows Rows that can be learned from, (m,).
 * @param seed Any integer.
 * @returns The map; null where there are too few rows, or all of the 400 are alike.
 *
 * @example
 * ```ts
 * import { fourierMap } from "./fourier_map.ts";
 * import assert from "node:assert/strict";
 *
 * const features = { data: Float32Array.of(0, 1, 2, 3, 4, 5), rows: 6, cols: 1 };
 * const map = fourierMap(features, Int32Array.of(0, 1, 2, 3, 4, 5));
 * assert.equal(map!.weights.cols, 2);
 * ```
 */
export function fourierMap(
  features: Matrix,
  rows: Int32Array,
  seed = 0,
): CosineMap | null {
  const n = Math.min(
    MOST_FEATURES,
    Math.floor(rows.length / ROWS_PER_FEATURE),
  );
  const width = medianDistance(features, someOf(rows, seed));
  if (n === 0 || !(width > 0)) return null;
  const { cols } = features;
  const normal = seededNormal(seed + 1);
  const random = seededRandom(seed + 2);
  const data = new Float32Array(cols * n);
  for (let at = 0; at < data.length; at++) data[at] = normal() / width;
  return {
    weights: { data, rows: cols, cols: n },
    phases: Float32Array.from({ length: n }, () => 2 * Math.PI * random()),
    scale: LENGTH * Math.sqrt(2 / n),
  };
}

/** At most 400 rows, drawn without replacement. */
function someOf(rows: Int32Array, seed: number): Int32Array {
  const random = seededRandom(seed);
  const drawn = rows.slice();
  const n = Math.min(MEASURED_ROWS, drawn.length);
  for (let i = 0; i < n; i++) {
    const j = i + Math.floor(random() * (drawn.length - i));
    [drawn[i], drawn[j]] = [drawn[j]!, drawn[i]!];
  }
  return drawn.subarray(0, n);
}

function medianDistance({ data, cols }: Matrix, rows: Int32Array): number {
  const distances = new Float64Array(rows.length * (rows.length - 1) / 2);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let c = 0; c < cols; c++) {
        square += (data[rows[i]! * cols + c]! - data[rows[j]! * cols + c]!) **
          2;
      }
      distances[at++] = Math.sqrt(square);
    }
  }
  return quantile(distances, 0.5);
}
