import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { NgramTable } from "./ngram_table.ts";

/** Hashes of an n-gram by number, as even as real ones. */
function hashes(n: number): [number, number] {
  const random = seededRandom(n);
  return [random() * 2 ** 32 | 0, random() * 2 ** 32 | 0];
}

function countOf(table: NgramTable, n: number): number {
  return table.countAt(table.find(...hashes(n)));
}

Deno.test("NgramTable counts texts, not occurrences", () => {
  const table = new NgramTable();
  for (const text of [0, 0, 1, 5, 5]) table.count(1, 2, text);
  table.count(2, 1, 5);
  assert.equal(table.countAt(table.find(1, 2)), 3);
  assert.equal(table.countAt(table.find(2, 1)), 1);
  assert.equal(table.countAt(table.find(1, 1)), 0);
  assert.equal(table.size, 2);
});

Deno.test("NgramTable keeps all counts while it grows", () => {
  const table = new NgramTable();
  const first = table.slots;
  for (let text = 0; text < 3; text++) {
    for (let n = 0; n < 70_000; n++) {
      if (n % 3 >= text) table.count(...hashes(n), text);
    }
  }
  assert.ok(table.slots > first);
  assert.equal(table.size, 70_000);
  for (let n = 0; n < 70_000; n += 997) {
    assert.equal(countOf(table, n), n % 3 + 1);
  }
});

Deno.test("NgramTable still knows after growth which text it last saw", () => {
  const table = new NgramTable();
  table.count(...hashes(-1), 0);
  for (let n = 0; n < 40_000; n++) table.count(...hashes(n), 0);
  table.count(...hashes(-1), 0);
  assert.equal(countOf(table, -1), 1);
});

Deno.test("NgramTable forgets the rarest when it may not grow, and stays bounded", () => {
  const table = new NgramTable(2 ** 16);
  for (let text = 0; text < 2; text++) {
    for (let n = 0; n < 10_000; n++) table.count(...hashes(n), text);
  }
  for (let n = 10_000; n < 200_000; n++) table.count(...hashes(n), 2);
  assert.equal(table.slots, 2 ** 16);
  assert.ok(table.size <= 2 ** 15);
  for (let n = 0; n < 10_000; n += 97) assert.equal(countOf(table, n), 2);
});

Deno.test("NgramTable gives up on n-grams made to collide, and serves the others", () => {
  const table = new NgramTable();
  const collide = (i: number): [number, number] => [0, i << 24];
  for (let i = 0; i < 256; i++) table.count(i & 127, (i >> 7) << 24, 0);
  assert.equal(table.size, 256);
  assert.equal(table.find(...collide(99)), -1);
  table.count(...collide(99), 0);
  assert.equal(table.size, 256);
  table.count(...hashes(1), 0);
  assert.equal(countOf(table, 1), 1);
});
