/**
 * Bits in which two 64-bit hashes differ, 0 to 64.
 *
 * @param hashes Hashes of two words each, (n * 2,).
 * @param a Row of one.
 * @param b Row of the other.
 * @returns The number of bits.
 *
 * @example
 * ```ts
 * import { hammingDistance } from "./hamming_distance.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hammingDistance(Uint32Array.of(5, 9, 6, 1), 0, 1), 3);
 * ```
 */
export function hammingDistance(
  hashes: Uint32Array,
  a: number,
  b: number,
): number {
  return bits(hashes[a * 2]! ^ hashes[b * 2]!) +
    bits(hashes[a * 2 + 1]! ^ hashes[b * 2 + 1]!);
}

/** Bits that are set. */
function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
