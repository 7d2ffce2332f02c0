/**
 * Share of a standard normal distribution below x, to 1e-7.
 *
 * Source: Abramowitz and Stegun (1964), 7.1.26.
 *
 * @param x Any number.
 * @returns The share, in [0, 1].
 *
 * @example
 * ```ts
 * import { normalShare } from "./normal_share.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(Math.abs(normalShare(1.96) - 0.975) < 1e-4);
 * ```
 */
export function normalShare(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const sum = t * (0.254829592 +
    t * (-0.284496736 +
        t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const beyond = sum * Math.exp(-z * z) / 2;
  return x < 0 ? beyond : 1 - beyond;
}
