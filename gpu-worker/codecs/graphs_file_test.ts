import assert from "node:assert/strict";
import { decodeGraphs, encodeGraphs } from "./graphs_file.ts";

Deno.test("decodeGraphs() gives back what encodeGraphs() was given", () => {
  const graphs = new Map([
    ["distance", {
      k: 1,
      neighbours: Int32Array.of(1, 0, -1),
      values: Float32Array.of(0.5, 0.5, NaN),
    }],
    ["label_embedding", {
      k: 2,
      neighbours: Int32Array.of(1, 2, 0, 2, 0, 1),
      values: Float32Array.of(1, 0.5, 1, 0.25, 0.5, 0.25),
    }],
  ]);
  assert.deepEqual(decodeGraphs(encodeGraphs(graphs)), graphs);
  assert.deepEqual(decodeGraphs(encodeGraphs(new Map())), new Map());
});
