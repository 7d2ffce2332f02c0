import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { duplicateGroups, type DuplicateInputs } from "./duplicate_groups.ts";
import { textSignature } from "./text_signature.ts";

const none: DuplicateInputs = {
  nSamples: 0,
  contentHashes: null,
  textSignatures: null,
  neighbours: null,
};
const sign = (texts: string[]) =>
  Uint32Array.from(texts.flatMap((t) => [...textSignature(t)]));
const words = (seed: number) =>
  Array.from({ length: 100 }, (_, i) => `w${(i * seed) % 997}`).join(" ");

Deno.test("duplicateGroups() groups identical content", () => {
  const found = duplicateGroups({
    ...none,
    nSamples: 5,
    contentHashes: ["a", null, "b", "a", null],
  });
  assert.deepEqual(found.group, Int32Array.of(0, -1, -1, 0, -1));
  assert.deepEqual(found.partner, Int32Array.of(3, -1, -1, 0, -1));
  assert.equal(found.source[3], "identical");
});

Deno.test("duplicateGroups() groups texts that say almost the same", () => {
  const texts = [words(7), words(11), words(7) + " one more", "", ""];
  const found = duplicateGroups({
    ...none,
    nSamples: 5,
    textSignatures: sign(texts),
  });
  assert.deepEqual(found.group, Int32Array.of(0, -1, 0, -1, -1));
  assert.equal(found.source[0], "text");
  assert.ok(found.similarity[0]! >= 0.8 && found.similarity[0]! <= 1);
});

/** Rows 0 and 1 are near each other, 2 and 3 are not. */
const graph = {
  k: 3,
  neighbours: Int32Array.of(1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2),
  values: Float32Array.of(0.25, 4, 4, 0.25, 4, 4, 4, 4, 4, 4, 4, 4),
};

Deno.test("duplicateGroups() pairs embeddings that are mutually far nearer than usual", () => {
  const found = duplicateGroups({ ...none, nSamples: 4, neighbours: graph });
  assert.deepEqual(found.group, Int32Array.of(0, 0, -1, -1));
  assert.equal(found.similarity[0], 1 - 0.25 / 4);
  assert.equal(found.source[0], "embedding");
});

Deno.test("duplicateGroups() lets texts decide where both samples have one", () => {
  const texts = [words(7), words(11), "", ""];
  const found = duplicateGroups({
    ...none,
    nSamples: 4,
    textSignatures: sign(texts),
    neighbours: graph,
  });
  assert.ok(found.group.every((g) => g === -1));
});

Deno.test("duplicateGroups() finds nothing in embeddings that all coincide", () => {
  const values = new Float32Array(12);
  const found = duplicateGroups({
    ...none,
    nSamples: 4,
    neighbours: { ...graph, values },
  });
  assert.ok(found.group.every((g) => g === -1));
});

Deno.test("duplicateGroups() takes nothing, and empty places of the graph", () => {
  assert.equal(duplicateGroups(none).group.length, 0);
  const alone = {
    k: 2,
    neighbours: Int32Array.of(-1, -1),
    values: Float32Array.of(NaN, NaN),
  };
  const found = duplicateGroups({ ...none, nSamples: 1, neighbours: alone });
  assert.deepEqual(found.group, Int32Array.of(-1));
});

/** One hash a row, given by the bits it has set. */
function hashesOf(rows: readonly (readonly number[])[]): Uint32Array {
  const hashes = new Uint32Array(rows.length * 2);
  rows.forEach((bits, row) => {
    for (const bit of bits) hashes[row * 2 + (bit >> 5)]! ^= 1 << (bit & 31);
  });
  return hashes;
}

Deno.test("duplicateGroups() groups images with almost the same hash", () => {
  const first = [1, 9, 17, 33, 41, 50];
  const found = duplicateGroups({
    ...none,
    nSamples: 5,
    contentHashes: ["a", "b", "c", "d", "e"],
    imageHashes: hashesOf([
      first,
      [...first, 60, 61], // a copy
      [2, 8, 18, 34, 42, 51],
      [], // no image
      [],
    ]),
  });
  assert.deepEqual(found.group, Int32Array.of(0, 0, -1, -1, -1));
  assert.equal(found.source[0], "image");
  assert.ok(found.similarity[0]! > 0.9 && found.similarity[0]! < 1);
});

Deno.test("duplicateGroups() takes images that are all alike for no copies, but those with the same hash", () => {
  // like digits on black: any two differ in few bits, of 12
  const random = seededRandom(3);
  const rows = Array.from(
    { length: 300 },
    () =>
      Array.from({ length: 12 }, (_, bit) => bit)
        .filter(() => random() < 0.5).concat(40),
  );
  const hashes = hashesOf(rows);
  const { group, similarity } = duplicateGroups({
    ...none,
    nSamples: 300,
    imageHashes: hashes,
  });
  const keys = rows.map(String);
  group.forEach((g, row) => {
    const hasTwin = keys.filter((key) => key === keys[row]).length > 1;
    assert.equal(g >= 0, hasTwin);
    if (hasTwin) assert.equal(similarity[row], Math.fround(64 / 65));
  });
});

Deno.test("duplicateGroups() tells how much nearer than usual the nearest other is, of samples without text", () => {
  const graph = {
    k: 3,
    neighbours: Int32Array.of(1, 2, 3, 0, 2, 3, 3, 0, 1, 2, 0, 1),
    values: Float32Array.of(1, 2, 4, 1, 2, 4, 3, 3, 3, 6, 2, 2),
  };
  const { nearness, group } = duplicateGroups({
    nSamples: 4,
    contentHashes: null,
    textSignatures: null,
    neighbours: graph,
  });
  // usual: median of the 2nd and 3rd distance: 3, 3, 3, 2
  const expected = [1 - 1 / 3, 1 - 1 / 3, 0, 0];
  nearness.forEach((x, i) => assert.ok(Math.abs(x - expected[i]!) < 1e-6));
  assert.deepEqual([...group], [-1, -1, -1, -1]);
});
