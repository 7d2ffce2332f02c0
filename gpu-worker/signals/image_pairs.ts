import { type HashPairs, nearHashes } from "../kernels/near_hashes.ts";

/** So few pairs in all, as a share of the samples, do not say that images are all alike. */
const FEW_PAIRS = 1e-3;
/** More pairs a sample, and more in all, do: these are not even collected. */
const MANY_PAIRS = 20;
const LEAST_MANY_PAIRS = 100_000;

/**
 * Pairs of images whose perceptual hashes differ in few bits.
 *
 * Digits or shirts on black are all alike: there two bits more bring many times
 * as many pairs, which are no copies. So the bits count that bring, with the last
 * two, at most as many pairs as without, and no more than 20 a sample (or
 * 100,000): measured, 6 of CIFAR-10 (15 pairs of 10,000 images), 0 of MNIST and
 * Fashion-MNIST, where 6 would put 831 and 184 of 5,000 into one group.
 *
 * @param hashes Two words each, zeros where there is none, (n * 2,).
 * @param maxBits Most bits that may differ, 0 to 7.
 * @returns Pairs, as {@linkcode nearHashes} tells them.
 * @throws {RangeError} If `maxBits` is out of range.
 *
 * @example
 * ```ts
 * import { imagePairs } from "./image_pairs.ts";
 * import assert from "node:assert/strict";
 *
 * const { pairs, distance } = imagePairs(Uint32Array.of(7, 1, 65535, 65535, 4, 1), 6);
 * assert.deepEqual([...pairs, ...distance], [0, 2, 2]);
 * ```
 */
export function imagePairs(hashes: Uint32Array, maxBits: number): HashPairs {
  const n = hashes.length / 2;
  const many = Math.max(MANY_PAIRS * n, LEAST_MANY_PAIRS);
  let most = maxBits;
  let found = nearHashes(hashes, most, many);
  while (most > 0 && (!found.isComplete || isAllAlike(found, most, n))) {
    most = Math.max(0, most - 2);
    found = found.isComplete
      ? within(found, most)
      : nearHashes(hashes, most, many);
  }
  return found;
}

function isAllAlike(
  { distance }: HashPairs,
  most: number,
  n: number,
): boolean {
  let fewer = 0;
  for (const bits of distance) if (bits <= most - 2) fewer++;
  return distance.length - fewer > Math.max(fewer, FEW_PAIRS * n);
}

function within({ pairs, distance }: HashPairs, most: number): HashPairs {
  return {
    pairs: pairs.filter((_, place) => distance[place >> 1]! <= most),
    distance: distance.filter((bits) => bits <= most),
    isComplete: true,
  };
}
