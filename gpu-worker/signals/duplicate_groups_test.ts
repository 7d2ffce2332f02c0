import assert from "node:assert/strict";
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
