import { seededNormal } from "./seeded_normal.ts";
import { seededRandom } from "./seeded_random.ts";

/**
 * A stream of pseudo-random shares of the beta distribution, the same for the same seed; parameters are given with each draw.
 *
 * The share of one gamma variable in the sum of two (Marsaglia and Tsang 2000). Not for secrets.
 *
 * @param seed Any integer; its low 32 bits count.
 * @returns A function that gives the next share, in [0, 1]; both parameters are above 0.
 *
 * @example
 * ```ts
 * import { seededBeta } from "./seeded_beta.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(seededBeta(7)(2, 3), seededBeta(7)(2, 3));
 * ```
 */
export function seededBeta(seed: number): (a: number, b: number) => number {
  const random = seededRandom(seed);
  const normal = seededNormal(seed ^ 0x5bd1e995);
  return (a, b) => {
    const x = gamma(a, random, normal);
    const y = gamma(b, random, normal);
    // both can round to 0 where the parameters are tiny
    return x + y > 0 ? x / (x + y) : random() * (a + b) < a ? 1 : 0;
  };
}

/** A gamma variable of scale 1. */
function gamma(
  shape: number,
  random: () => number,
  normal: () => number,
): number {
  if (shape < 1) {
    const boost = Math.pow(1 - random(), 1 / shape);
    return gamma(shape + 1, random, normal) * boost;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const accepted = Math.log(1 - random()) <
      x * x / 2 + d - d * v + d * Math.log(v);
    if (accepted) return d * v;
  }
}
