import { seededRandom } from "./seeded_random.ts";

/**
 * A stream of pseudo-random numbers of the standard normal distribution, the same for the same seed on every machine up to the last bits of
 * `Math.log` and `Math.cos` (Box and Muller). Not for secrets.
 *
 * @param seed Any integer; its low 32 bits count.
 * @returns A function that gives the next number, in -6.7..6.7.
 *
 * @example
 * ```ts
 * import { seededNormal } from "./seeded_normal.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(seededNormal(7)(), seededNormal(7)());
 * ```
 */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random());
  };
}
