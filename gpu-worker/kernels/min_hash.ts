/**
 * MinHash signature: the share of equal places of two signatures estimates the
 * Jaccard similarity of the two sets, with standard error at most
 * `0.5 / sqrt(length)`.
 *
 * Equal sets give equal signatures, whatever order or repetition. The empty
 * set gives 0xffffffff throughout. O(set * length).
 *
 * Source: Broder (1997), "On the resemblance and containment of documents".
 *
 * @param hashes 32-bit hash of each member of the set, (n,).
 * @param signature Where to write, (length,); its length is the number of places.
 * @returns `signature`.
 *
 * @example
 * ```ts
 * import { minHash } from "./min_hash.ts";
 * import assert from "node:assert/strict";
 *
 * const a = minHash(Uint32Array.of(1, 2, 3), new Uint32Array(8));
 * const b = minHash(Uint32Array.of(3, 2, 1, 1), new Uint32Array(8));
 * assert.deepEqual(a, b);
 * ```
 */
export function minHash(
  hashes: Uint32Array,
  signature: Uint32Array,
): Uint32Array {
  signature.fill(0xffffffff);
  const n = signature.length;
  for (const hash of hashes) {
    for (let j = 0; j < n; j++) {
      // finaliser of murmur3 over a hash shifted by place: a permutation a place
      let h = hash ^ Math.imul(j + 1, 0x9e3779b1);
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h = (h ^ (h >>> 16)) >>> 0;
      if (h < signature[j]!) signature[j] = h;
    }
  }
  return signature;
}
