import { seededBeta } from "./seeded_beta.ts";
import { seededRandom } from "./seeded_random.ts";

/** Trials that are tried one by one. */
const FEW = 16;

/**
 * A stream of pseudo-random counts of the binomial distribution, the same for the same seed; trials and probability are given with each draw.
 *
 * Exact for any number of trials: they are halved by the beta distribution of their median (Relles 1972) until few are left. O(log trials). Not for
 * secrets.
 *
 * @param seed Any integer; its low 32 bits count.
 * @returns A function that gives the next count, in 0..trials.
 *
 * @example
 * ```ts
 * import { seededBinomial } from "./seeded_binomial.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(seededBinomial(7)(1000, 0), 0);
 * ```
 */
export function seededBinomial(
  seed: number,
): (trials: number, probability: number) => number {
  const random = seededRandom(seed);
  const beta = seededBeta(seed ^ 0x27d4eb2f);
  return (trials, probability) => {
    let [n, p] = [trials, probability];
    let count = 0;
    while (n > FEW) {
      const below = 1 + Math.floor(n / 2);
      const median = beta(below, n + 1 - below);
      if (median < p) {
        count += below;
        n -= below;
        p = (p - median) / (1 - median);
      } else {
        n = below - 1;
        p /= median;
      }
    }
    for (let i = 0; i < n; i++) if (random() < p) count++;
    return count;
  };
}
