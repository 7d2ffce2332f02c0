import assert from "node:assert/strict";
import { type Encodings, EncodingShelf } from "./encoding_shelf.ts";

function sentences(hashes: string[], values: number[]): Encodings {
  return {
    kind: "sentence",
    contentHashes: hashes,
    width: 2,
    values: Float32Array.from(values),
  };
}

Deno.test("EncodingShelf gives what it was told of wanted contents, by kind", () => {
  const shelf = new EncodingShelf(["a", "b", "a"]);
  assert.equal(shelf.know(sentences(["x", "b"], [1, 2, 3, 4])), 1);
  assert.deepEqual(shelf.get("sentence", "b"), Float32Array.of(3, 4));
  assert.equal(shelf.get("sentence", "a"), undefined);
  assert.equal(shelf.get("sentence", "x"), undefined);
  assert.equal(shelf.get("image", "b"), undefined);
  assert.equal(shelf.get("sentence", null), undefined);
  assert.equal(shelf.know(sentences(["b", "a"], [5, 6, 7, 8])), 0);
  assert.deepEqual(shelf.get("sentence", "b"), Float32Array.of(3, 4));
  assert.deepEqual(shelf.takeMade(), []);
  assert.equal(shelf.nMade, 0);
});

Deno.test("EncodingShelf hands out what was made once, in order", () => {
  const shelf = new EncodingShelf(["a", "b", "c"]);
  shelf.put("sentence", "b", Float32Array.of(1, 2));
  shelf.put("sentence", "a", Float32Array.of(3, 4));
  shelf.put("image_facts", "a", Float32Array.of(9));
  shelf.put("image", null, Float32Array.of(0));
  assert.deepEqual(shelf.get("sentence", "b"), Float32Array.of(1, 2));
  assert.deepEqual(shelf.takeMade(), [
    sentences(["b", "a"], [1, 2, 3, 4]),
    {
      kind: "image_facts",
      contentHashes: ["a"],
      width: 1,
      values: Float32Array.of(9),
    },
  ]);
  assert.deepEqual(shelf.takeMade(), []);
  shelf.put("sentence", "c", Float32Array.of(5, 6));
  assert.deepEqual(shelf.takeMade(), [sentences(["c"], [5, 6])]);
  assert.equal(shelf.nMade, 5);
});

Deno.test("EncodingShelf lets a file of encodings go that holds no wanted content", () => {
  const shelf = new EncodingShelf(["a"]);
  const file = sentences(["a", "x"], [1, 2, 3, 4]);
  shelf.know(file);
  assert.notEqual(shelf.get("sentence", "a")!.buffer, file.values.buffer);
});
