import assert from "node:assert/strict";
import {
  decodeBlock,
  encodeBlock,
  type InferredBlock,
} from "./inferred_file.ts";

const BLOCK: InferredBlock = {
  from: 4,
  to: 8,
  nClasses: 2,
  width: 1,
  nFirst: 2,
  places: Int32Array.of(4, 5, 7),
  scores: Float32Array.of(1, -1, -Infinity, 0, NaN, 3),
  embeddings: Float32Array.of(1, 2, NaN),
  refused: [{ at: 6, column: "features", rule: "r", value: 3, nRows: 1 }],
};

Deno.test("decodeBlock() gives what encodeBlock() was given, whatever numbers it holds", () => {
  assert.deepEqual(decodeBlock(encodeBlock(BLOCK)), BLOCK);
});

Deno.test("decodeBlock() refuses a file of which a byte was changed, or the end is missing", () => {
  const file = encodeBlock(BLOCK);
  const changed = file.slice();
  changed[changed.length - 10]! ^= 1;
  assert.throws(() => decodeBlock(changed), RangeError);
  assert.throws(() => decodeBlock(file.slice(0, -8)), RangeError);
});
