import assert from "node:assert/strict";
import { encodeGraph, type GraphSpec } from "./onnx.ts";
import { openSession } from "./session.ts";

const graph: GraphSpec = {
  name: "all_kinds",
  inputs: { x: ["n", 2] },
  outputs: { top: ["n", 1], index: { type: "int32", shape: ["n", 1] } },
  initializers: {
    w: { data: Float32Array.of(1, 0, 0, 1, 1, 1), shape: [3, 2] },
    k: { data: BigInt64Array.of(1n), shape: [1] },
  },
  nodes: [
    ["Gemm", ["x", "w"], "scores", { transB: 1, alpha: { float: 0.5 } }], // (n, 3)
    ["TopK", ["scores", "k"], ["top", "where"], { axis: 1 }], // (n, 1)
    ["Cast", ["where"], "index", { to: 6 }],
  ],
};

Deno.test("encodeGraph() gives bytes that onnxruntime runs: initializers, float attributes, several outputs, integers", async () => {
  const session = await openSession(graph);
  const { top, index } = await session.run({
    x: { data: Float32Array.of(1, 2, 4, -1), shape: [2, 2] },
  });
  await session.release();
  assert.deepEqual(top!.data, Float32Array.of(1.5, 2));
  assert.deepEqual(index!.data, Int32Array.of(2, 0));
  assert.deepEqual(index!.shape, [2, 1]);
});

Deno.test("encodeGraph() encodes list and string attributes", async () => {
  const session = await openSession({
    name: "turn",
    inputs: { x: [2, 3] },
    outputs: { y: [3, 2] },
    nodes: [["Transpose", ["x"], "t", { perm: [1, 0] }], [
      "Pad",
      ["t", "pads", ""],
      "y",
      { mode: "edge" },
    ]],
    initializers: {
      pads: { data: BigInt64Array.of(0n, 0n, 0n, 0n), shape: [4] },
    },
  });
  const { y } = await session.run({
    x: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
  });
  await session.release();
  assert.deepEqual(y!.data, Float32Array.of(1, 4, 2, 5, 3, 6));
});

Deno.test("encodeGraph() is deterministic", () => {
  assert.deepEqual(encodeGraph(graph), encodeGraph(graph));
});

Deno.test("encodeGraph() throws if an initializer does not fit its shape", () => {
  const bad = {
    ...graph,
    initializers: { w: { data: Float32Array.of(1), shape: [3, 2] } },
  };
  assert.throws(() => encodeGraph(bad), {
    name: "RangeError",
    message: /must have 6 values: current value is 1/,
  });
});

Deno.test("encodeGraph() gives graphs that multiply bytes", async () => {
  const session = await openSession({
    name: "bytes",
    inputs: { x: { type: "uint8", shape: ["n", 2] } },
    outputs: {
      y: { type: "int32", shape: ["n", 1] },
      z: { type: "int8", shape: [2, 1] },
    },
    initializers: {
      w: { data: Int8Array.of(-3, 64), shape: [2, 1] },
      zero: { data: Uint8Array.of(128), shape: [] },
    },
    nodes: [
      ["MatMulInteger", ["x", "w", "zero"], "y"],
      ["Identity", ["w"], "z"],
    ],
  });
  const { y, z } = await session.run({
    x: { data: Uint8Array.of(129, 128, 0, 255), shape: [2, 2] },
  });
  await session.release();
  assert.deepEqual(y!.data, Int32Array.of(-3, 384 + 127 * 64));
  assert.deepEqual(z!.data, Int8Array.of(-3, 64));
});
