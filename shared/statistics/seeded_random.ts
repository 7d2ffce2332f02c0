/**
 * A stream of pseudo-random numbers in [0, 1), the same for the same seed on
 * every machine (mulberry32: 32 bits of state, period 2^32). Not for secrets.
 *
 * @param seed Any integer; its low 32 bits count.
 * @returns A function that gives the next number.
 *
 * @example
 * ```ts
 * import { seededRandom } from "./seeded_random.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(seededRandom(7)(), seededRandom(7)());
 * ```
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
