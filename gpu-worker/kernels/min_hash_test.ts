import assert from "node:assert/strict";
import { minHash } from "./min_hash.ts";
import { seededRandom } from "./seeded_random.ts";

Deno.test("minHash() estimates the Jaccard similarity of two sets", () => {
  const random = seededRandom(3);
  const draw = (n: number) =>
    Array.from({ length: n }, () => random() * 2 ** 32);
  for (const jaccard of [0, 0.25, 0.5, 0.9]) {
    const size = 400;
    const common = draw(Math.round(size * jaccard));
    const own = (size - common.length) / 2;
    const sign = (members: number[]) =>
      minHash(Uint32Array.from(members), new Uint32Array(1024));
    const a = sign([...common, ...draw(own)]);
    const b = sign([...common, ...draw(own)]);
    const equal = a.filter((h, j) => h === b[j]).length / 1024;
    assert.ok(Math.abs(equal - jaccard) < 0.06, `${equal} for ${jaccard}`);
  }
});

Deno.test("minHash() ignores order and repetition, and knows the empty set", () => {
  const sign = (members: number[]) =>
    minHash(Uint32Array.from(members), new Uint32Array(4));
  assert.deepEqual(sign([5, 9, 9]), sign([9, 5]));
  assert.deepEqual(sign([]), new Uint32Array(4).fill(0xffffffff));
});
