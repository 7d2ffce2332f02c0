import assert from "node:assert/strict";
import { hammingDistance } from "./hamming_distance.ts";
import { seededRandom } from "./seeded_random.ts";

/** Bit by bit. */
function slow(hashes: Uint32Array, a: number, b: number): number {
  let distance = 0;
  for (let bit = 0; bit < 64; bit++) {
    const at = (row: number) =>
      hashes[row * 2 + (bit >> 5)]! >>> (bit & 31) & 1;
    if (at(a) !== at(b)) distance++;
  }
  return distance;
}

Deno.test("hammingDistance() counts bits, the highest too", () => {
  const random = seededRandom(4);
  const hashes = Uint32Array.from({ length: 80 }, () => random() * 2 ** 32);
  hashes.set([0, 0, 0xffffffff, 0xffffffff, 0x80000000, 1]);
  for (let a = 0; a < 40; a++) {
    for (let b = 0; b < 40; b++) {
      assert.equal(hammingDistance(hashes, a, b), slow(hashes, a, b));
    }
  }
  assert.equal(hammingDistance(hashes, 0, 1), 64);
});
