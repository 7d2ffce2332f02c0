/**
 * Puts the natural logarithm of each value in its place: `-Infinity` for 0, NaN for NaN and below 0.
 *
 * A loop of its own for those who take one logarithm a row: its branches would
 * make the end of each row hard to guess, which doubles its cost.
 *
 * @param values Overwritten, (n,).
 *
 * @example
 * ```ts
 * import { logInPlace } from "./log_in_place.ts";
 * import assert from "node:assert/strict";
 *
 * const values = Float64Array.of(1, 0);
 * logInPlace(values);
 * assert.deepEqual(values, Float64Array.of(0, -Infinity));
 * ```
 */
export function logInPlace(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.log(values[i]!);
}
