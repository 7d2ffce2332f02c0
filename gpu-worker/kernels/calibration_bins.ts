/** Samples of about the same confidence. */
export interface CalibrationBin {
  /** How many. */
  readonly n: number;
  /** Their mean confidence. */
  readonly confidence: number;
  /** How many were right. */
  readonly nRight: number;
}

/** Reliability of confidences; see {@linkcode calibrationBins}. */
export interface Calibration {
  /** Expected calibration error, in [0, 1]; NaN of no sample. */
  readonly error: number;
  /** Least confident first. */
  readonly bins: readonly CalibrationBin[];
}

/**
 * How far confidences are from the share of right predictions, in bins of equal mass.
 *
 * The error is the mean over samples of `|confidence - accuracy|` of their bin. Samples whose confidence is NaN are left out. O(n log n).
 *
 * Source: Naeini, Cooper and Hauskrecht (2015); equal mass after Nixon et al. (2019).
 *
 * @param confidence Probability of each prediction, (n,).
 * @param isRight 1 where it was right, (n,).
 * @param nBins Bins, at most one a sample.
 * @returns Error and bins.
 *
 * @example
 * ```ts
 * import { calibrationBins } from "./calibration_bins.ts";
 * import assert from "node:assert/strict";
 *
 * const { error } = calibrationBins(Float64Array.of(0.5, 0.5), Uint8Array.of(1, 0), 1);
 * assert.equal(error, 0);
 * ```
 */
export function calibrationBins(
  confidence: Float64Array,
  isRight: ArrayLike<number>,
  nBins = 15,
): Calibration {
  const rows = Int32Array.from(confidence.keys()).filter((i) =>
    !Number.isNaN(confidence[i]!)
  ).sort((a, b) => confidence[a]! - confidence[b]! || a - b);
  const bins: CalibrationBin[] = [];
  const used = Math.min(nBins, rows.length);
  let off = 0;
  for (let bin = 0; bin < used; bin++) {
    const own = rows.subarray(
      Math.round(bin * rows.length / used),
      Math.round((bin + 1) * rows.length / used),
    );
    let [sum, nRight] = [0, 0];
    for (const row of own) {
      sum += confidence[row]!;
      nRight += isRight[row] ? 1 : 0;
    }
    bins.push({ n: own.length, confidence: sum / own.length, nRight });
    off += Math.abs(sum - nRight);
  }
  return { error: off / rows.length, bins };
}
