import assert from "node:assert/strict";
import { BlockBuilder } from "./infer_block.ts";

const batch = (places: number[], to: number, width: number | null) => ({
  to,
  places,
  scores: Float32Array.from(places.flatMap((p) => [p, -p])),
  embeddings: width === null
    ? null
    : Float32Array.from(places.flatMap((p) => Array(width).fill(p))),
  refused: [],
});
const refusal = (part: string, at: number) => ({
  part,
  at,
  column: "text",
  rule: "r",
  nRows: 1,
});

Deno.test("BlockBuilder joins batches, and the next block begins where one ends", () => {
  const builder = new BlockBuilder(2, 2);
  assert.deepEqual(builder.add(batch([2, 3], 4, 3)), { to: 4, nNumbers: 10 });
  assert.deepEqual(builder.add(batch([5], 6, 3)), { to: 6, nNumbers: 15 });
  assert.deepEqual(builder.take(), {
    from: 2,
    to: 6,
    nClasses: 2,
    width: 3,
    nFirst: 2,
    places: Int32Array.of(2, 3, 5),
    scores: Float32Array.of(2, -2, 3, -3, 5, -5),
    embeddings: Float32Array.of(2, 2, 2, 3, 3, 3, 5, 5, 5),
    refused: [],
  });
  builder.add(batch([], 9, null));
  const { from, to, places, width, nFirst } = builder.take();
  assert.deepEqual({ from, to, n: places.length, width, nFirst }, {
    from: 6,
    to: 9,
    n: 0,
    width: 0,
    nFirst: 0,
  });
});

Deno.test("BlockBuilder keeps no embeddings once a batch has none", () => {
  const builder = new BlockBuilder(0, 2);
  builder.add(batch([0], 1, 3));
  builder.add(batch([1], 2, null));
  const { width, embeddings } = builder.take();
  assert.deepEqual([width, embeddings.length], [0, 0]);
});

Deno.test("BlockBuilder keeps what the model said beside batches that were refused whole", () => {
  const builder = new BlockBuilder(0, 2);
  builder.add(batch([], 2, null));
  builder.add(batch([2, 3], 4, 3));
  builder.add(batch([], 6, null));
  const { from, to, places, width, nFirst } = builder.take();
  assert.deepEqual({ from, to, n: places.length, width, nFirst }, {
    from: 0,
    to: 6,
    n: 2,
    width: 3,
    nFirst: 2,
  });
});

Deno.test("BlockBuilder counts what was refused by part, column and rule", () => {
  const builder = new BlockBuilder(0, 2);
  builder.add({
    ...batch([1], 3, null),
    refused: [refusal("a", 0), refusal("a", 2)],
  });
  builder.add({
    ...batch([], 5, null),
    refused: [refusal("b", 3), refusal("a", 4)],
  });
  assert.deepEqual(builder.take().refused, [
    { at: 0, column: "text", rule: "r", nRows: 3 },
    { at: 3, column: "text", rule: "r", nRows: 1 },
  ]);
});
