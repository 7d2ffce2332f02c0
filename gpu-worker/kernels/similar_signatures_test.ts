import assert from "node:assert/strict";
import { connectedComponents } from "./connected_components.ts";
import { minHash } from "./min_hash.ts";
import { seededRandom } from "./seeded_random.ts";
import { similarSignatures } from "./similar_signatures.ts";

const LENGTH = 64;

/** 40 sets of 200; every fourth is a copy of the one before with 5 members changed. */
function signatures(): Uint32Array {
  const random = seededRandom(8);
  const out = new Uint32Array(40 * LENGTH);
  let members: number[] = [];
  for (let i = 0; i < 40; i++) {
    members = i % 4 === 3
      ? members.map((m, j) => j < 5 ? random() * 2 ** 32 : m)
      : Array.from({ length: 200 }, () => random() * 2 ** 32);
    const place = out.subarray(i * LENGTH, (i + 1) * LENGTH);
    minHash(Uint32Array.from(members), place);
  }
  return out;
}

Deno.test("similarSignatures() finds the pairs that comparing all with all finds", () => {
  const all = signatures();
  const slow: number[] = [];
  for (let a = 0; a < 40; a++) {
    for (let b = a + 1; b < 40; b++) {
      let equal = 0;
      for (let j = 0; j < LENGTH; j++) {
        if (all[a * LENGTH + j] === all[b * LENGTH + j]) equal++;
      }
      if (equal / LENGTH >= 0.8) slow.push(a, b);
    }
  }
  const { pairs, similarity } = similarSignatures(all, LENGTH, 0.8);
  assert.equal(slow.length, 20);
  assert.deepEqual([...pairs], slow);
  assert.ok(similarity.every((s) => s >= 0.8 && s <= 1));
});

Deno.test("similarSignatures() joins a bucket of copies without comparing all", () => {
  const copies = new Uint32Array(1000 * 4).fill(7);
  const { pairs } = similarSignatures(copies, 4, 1);
  assert.equal(pairs.length / 2, 999);
  assert.ok(connectedComponents(1000, pairs).every((c) => c === 0));
});

Deno.test("similarSignatures() pairs empty signatures with nothing", () => {
  const { pairs } = similarSignatures(
    new Uint32Array(8).fill(0xffffffff),
    4,
    0.5,
  );
  assert.equal(pairs.length, 0);
});

Deno.test("similarSignatures() throws if length is no multiple of 4", () => {
  assert.throws(() => similarSignatures(new Uint32Array(6), 6, 1), {
    name: "RangeError",
    message: /current value is 6/,
  });
});
