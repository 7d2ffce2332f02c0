import assert from "node:assert/strict";
import type { GraphSpec } from "./onnx.ts";
import { forRowBlocks } from "./row_blocks.ts";

const ROWS = 2500;
const matrix = {
  data: Float32Array.from({ length: ROWS * 3 }, (_, i) => i),
  rows: ROWS,
  cols: 3,
};
const shifted: GraphSpec = {
  name: "shifted",
  inputs: { rows: ["b", 3], shift: ["b", 1] },
  outputs: { y: ["b", 3] },
  nodes: [["Add", ["rows", "shift"], "y"]],
};
const shift = (from: number, to: number) => ({
  shift: {
    data: Float32Array.from({ length: to - from }, (_, i) => (from + i) / 4),
    shape: [to - from, 1],
  },
});

Deno.test("forRowBlocks() gives every row asked for once, in order, with its further inputs", async () => {
  const rows = Int32Array.from({ length: ROWS - 1 }, (_, i) => ROWS - 1 - i);
  const found: number[] = [];
  const progress: number[] = [];
  await forRowBlocks({
    graph: shifted,
    matrix,
    rows,
    inputs: shift,
    onProgress: (f) => progress.push(f),
  }, ({ y }, from, to) => {
    assert.equal(from * 3, found.length);
    assert.equal((to - from) * 3, y!.data.length);
    found.push(...Array.from(y!.data, Number));
  });
  const expected = Array.from(
    rows,
    (row, i) => [0, 1, 2].map((j) => row * 3 + j + i / 4),
  );
  assert.deepEqual(found, expected.flat());
  assert.ok(progress.length > 1);
  assert.equal(progress.at(-1), 1);
});

Deno.test("forRowBlocks() of no rows runs nothing", async () => {
  const rows = new Int32Array(0);
  const options = { graph: shifted, matrix, rows, inputs: shift };
  await forRowBlocks(options, () => assert.fail());
});

Deno.test("forRowBlocks() stops between two blocks when told to", async () => {
  const controller = new AbortController();
  const reason = new Error("cancelled");
  const options = {
    graph: shifted,
    matrix,
    rows: Int32Array.from({ length: ROWS }, (_, i) => i),
    inputs: shift,
    signal: controller.signal,
  };
  let blocks = 0;
  const work = forRowBlocks(options, () => {
    blocks++;
    controller.abort(reason);
  });
  await assert.rejects(work, reason);
  assert.equal(blocks, 1);
});
