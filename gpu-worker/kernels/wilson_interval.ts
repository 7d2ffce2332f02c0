/**
 * The score interval of a share.
 *
 * Source: Wilson (1927), JASA 22.
 *
 * @param part Hits, in [0, whole].
 * @param whole Trials.
 * @param z Standard deviations on either side; 1.96 covers 95 %.
 * @returns Lower and upper end, in [0, 1]; all of [0, 1] without trials.
 *
 * @example
 * ```ts
 * import { wilsonInterval } from "./wilson_interval.ts";
 * import assert from "node:assert/strict";
 *
 * const [low, high] = wilsonInterval(5, 10);
 * assert.ok(low < 0.24 && high > 0.76);
 * ```
 */
export function wilsonInterval(
  part: number,
  whole: number,
  z = 1.96,
): [low: number, high: number] {
  if (!(whole > 0)) return [0, 1];
  const share = part / whole;
  const middle = share + z * z / (2 * whole);
  const half = z *
    Math.sqrt(share * (1 - share) / whole + (z / (2 * whole)) ** 2);
  const scale = 1 + z * z / whole;
  return [
    Math.max(0, (middle - half) / scale),
    Math.min(1, (middle + half) / scale),
  ];
}
