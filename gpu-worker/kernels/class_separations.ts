import type { Matrix } from "./matrix.ts";

/** How far a class lies from the one nearest to it. */
export interface ClassSeparation {
  /** The nearest class; -1 where there is no other. */
  readonly nearest: number;
  /** Fisher's ratio to it, at least 0; NaN where it is unknown. */
  readonly ratio: number;
}

/**
 * Fisher's ratio of every class and the class it is told apart from worst: `|m_a - m_b|^2 / (v_a + v_b)`.
 *
 * m is the mean of a class and v the mean squared distance to it. Below 1 the classes lie in one another; 0 where means coincide. Rows without a class or with a value that
 * is not finite are left out. O(n * width + n_classes^2 * width).
 *
 * Source: Fisher (1936), for spherical classes.
 *
 * @param points Points, (n, width).
 * @param labels Class of each, -1 for none, (n,).
 * @param nClasses Classes.
 * @returns One entry a class.
 *
 * @example
 * ```ts
 * import { classSeparations } from "./class_separations.ts";
 * import assert from "node:assert/strict";
 *
 * const points = { data: Float32Array.of(0, 2, 10, 12), rows: 4, cols: 1 };
 * const [first] = classSeparations(points, Int32Array.of(0, 0, 1, 1), 2);
 * assert.deepEqual(first, { nearest: 1, ratio: 50 });
 * ```
 */
export function classSeparations(
  { data, cols }: Matrix,
  labels: Int32Array,
  nClasses: number,
): ClassSeparation[] {
  const counts = new Float64Array(nClasses);
  const means = new Float64Array(nClasses * cols);
  const spread = new Float64Array(nClasses);
  const usable = Int32Array.from(labels.keys()).filter((i) =>
    labels[i]! >= 0 &&
    data.subarray(i * cols, (i + 1) * cols).every(Number.isFinite)
  );
  for (const i of usable) {
    const label = labels[i]!;
    counts[label]!++;
    for (let j = 0; j < cols; j++) {
      means[label * cols + j]! += data[i * cols + j]!;
    }
  }
  for (let j = 0; j < means.length; j++) {
    means[j]! /= counts[Math.floor(j / cols)]!;
  }
  for (const i of usable) {
    const label = labels[i]!;
    for (let j = 0; j < cols; j++) {
      spread[label]! += (data[i * cols + j]! - means[label * cols + j]!) ** 2;
    }
  }
  return Array.from(counts, (n, a): ClassSeparation => {
    let [nearest, ratio] = [-1, NaN];
    for (let b = 0; b < nClasses && n > 0; b++) {
      if (b === a || counts[b] === 0) continue;
      let squares = 0;
      for (let j = 0; j < cols; j++) {
        squares += (means[a * cols + j]! - means[b * cols + j]!) ** 2;
      }
      const own = squares === 0
        ? 0
        : squares / (spread[a]! / n + spread[b]! / counts[b]!);
      if (nearest < 0 || own < ratio) [nearest, ratio] = [b, own];
    }
    return { nearest, ratio };
  });
}
