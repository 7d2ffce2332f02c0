import assert from "node:assert/strict";
import { EpochEmbeddings } from "./epoch_embeddings.ts";

Deno.test("EpochEmbeddings counts a sample met twice with its mean, and leaves one not met NaN", () => {
  const epoch = new EpochEmbeddings(4);
  epoch.add(Int32Array.of(3, 0), Float32Array.of(1, 2, 3, 4), 2);
  epoch.add(Int32Array.of(3, 2), Float32Array.of(3, 6, NaN, NaN), 2);
  assert.equal(epoch.width, 2);
  const { data, width } = epoch.means()!;
  assert.deepEqual([...data], [3, 4, NaN, NaN, NaN, NaN, 2, 4]);
  assert.equal(width, 2);
});

Deno.test("EpochEmbeddings has no means where none was added", () => {
  const epoch = new EpochEmbeddings(2);
  epoch.add(Int32Array.of(0), null, 0);
  assert.equal(epoch.means(), null);
});
