import assert from "node:assert/strict";
import { hammingDistance } from "../kernels/hamming_distance.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { imagePairs } from "./image_pairs.ts";

/** Hashes, the first n drawn at random, the others a few flips beside one of them. */
function made(n: number, nOriginals: number, mostFlips: number): Uint32Array {
  const random = seededRandom(9);
  const hashes = Uint32Array.from({ length: n * 2 }, () => random() * 2 ** 32);
  for (let row = nOriginals; row < n; row++) {
    const of = row % nOriginals;
    hashes.copyWithin(row * 2, of * 2, of * 2 + 2);
    const flips = Math.floor(random() * (mostFlips + 1));
    for (let flip = 0; flip < flips; flip++) {
      const bit = Math.floor(random() * 64);
      hashes[row * 2 + (bit >> 5)]! ^= 1 << (bit & 31);
    }
  }
  return hashes;
}

Deno.test("imagePairs() are all that differ in so few bits, where images are not all alike", () => {
  const hashes = made(400, 300, 5);
  const { pairs, distance } = imagePairs(hashes, 6);
  const slow: number[] = [];
  for (let a = 0; a < 400; a++) {
    for (let b = a + 1; b < 400; b++) {
      const differ = hammingDistance(hashes, a, b);
      if (differ <= 6) slow.push(a, b, differ);
    }
  }
  assert.ok(slow.length > 200);
  assert.deepEqual(
    Array.from(distance, (d, i) => [...pairs.slice(2 * i, 2 * i + 2), d])
      .flat(),
    slow,
  );
});

Deno.test("imagePairs() are those with the same hash where all are alike", () => {
  for (const n of [400, 3000]) { // below and above the pairs that are collected
    const { pairs, distance } = imagePairs(made(n, 1, 7), 6);
    assert.ok(distance.length > n / 20);
    assert.ok(distance.every((d) => d === 0));
    assert.equal(pairs.length, 2 * distance.length);
  }
});

Deno.test("imagePairs() collect no more than 20 a sample, which would fill the memory", () => {
  // 16 groups of 500 copies: 2,000,000 pairs, most of them in 4 bits
  const { distance } = imagePairs(made(8000, 16, 2), 6);
  assert.ok(distance.length <= 20 * 8000);
});
