import assert from "node:assert/strict";
import { connectedComponents } from "./connected_components.ts";
import { hammingDistance } from "./hamming_distance.ts";
import { nearHashes } from "./near_hashes.ts";
import { seededRandom } from "./seeded_random.ts";

/** Random hashes, some a few bits beside another, some the same. */
function made(n: number): Uint32Array {
  const random = seededRandom(21);
  const hashes = Uint32Array.from(
    { length: n * 2 },
    () => random() * 2 ** 32,
  );
  for (let row = n >> 1; row < n; row++) {
    const of = Math.floor(random() * row);
    hashes.copyWithin(row * 2, of * 2, of * 2 + 2);
    const flips = Math.floor(random() * 11);
    for (let flip = 0; flip < flips; flip++) {
      const bit = Math.floor(random() * 64);
      hashes[row * 2 + (bit >> 5)]! ^= 1 << (bit & 31);
    }
  }
  return hashes;
}

function slowPairs(
  hashes: Uint32Array,
  most: number,
): [number, number, number][] {
  const pairs: [number, number, number][] = [];
  const n = hashes.length / 2;
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const distance = hammingDistance(hashes, a, b);
      if (distance <= most) pairs.push([a, b, distance]);
    }
  }
  return pairs;
}

for (const most of [0, 1, 3, 4, 6, 7]) {
  Deno.test(`nearHashes() with ${most} bits finds what comparing all finds`, () => {
    const hashes = made(300);
    const { pairs, distance, isComplete } = nearHashes(hashes, most);
    assert.ok(isComplete);
    const slow = slowPairs(hashes, most);
    const fast = Array.from(
      distance,
      (d, i) => [pairs[i * 2]!, pairs[i * 2 + 1]!, d],
    );
    // every pair is real, and each but those of second copies is there
    const all = new Set(slow.map(String));
    assert.ok(fast.every((pair) => all.has(String(pair))));
    assert.equal(new Set(fast.map(String)).size, fast.length);
    const copies = new Set(slow.filter(([, , d]) => d === 0).map(([, b]) => b));
    const between = slow.filter(([a, b, d]) =>
      d > 0 && !copies.has(a) && !copies.has(b)
    );
    assert.deepEqual(fast.filter(([, , d]) => d! > 0), between);
    assert.deepEqual(
      connectedComponents(300, pairs),
      connectedComponents(300, slow.flatMap(([a, b]) => [a, b])),
    );
  });
}

Deno.test("nearHashes() ends soon after the pairs that were asked for", () => {
  const hashes = Uint32Array.from({ length: 2000 }, (_, i) => i % 2 ? i : 1);
  const all = nearHashes(hashes, 7);
  assert.ok(all.isComplete && all.distance.length > 50_000);
  const some = nearHashes(hashes, 7, 1000);
  assert.ok(!some.isComplete && some.distance.length < 1000 + 1000);
  some.distance.forEach((d, i) =>
    assert.equal(
      hammingDistance(hashes, some.pairs[2 * i]!, some.pairs[2 * i + 1]!),
      d,
    )
  );
  assert.ok(nearHashes(hashes, 7, all.distance.length).isComplete);
  // a part in common, but no pairs
  const random = seededRandom(2);
  const shared = hashes.map((_, i) =>
    i % 2 ? 2 ** 32 * random() : 2 ** 16 * random()
  );
  assert.ok(nearHashes(shared, 7).isComplete);
  assert.ok(!nearHashes(shared, 7, 1000).isComplete);
});

Deno.test("nearHashes() pairs no rows without a hash, and refuses more bits than it can find", () => {
  assert.equal(nearHashes(new Uint32Array(8), 6).pairs.length, 0);
  assert.equal(nearHashes(new Uint32Array(), 6).pairs.length, 0);
  assert.throws(() => nearHashes(new Uint32Array(), 8), RangeError);
});
