import onnxProto from "onnx-proto";
import assert from "node:assert/strict";
import { encodeGraph, type GraphSpec } from "../graphs/onnx.ts";
import { scanModel } from "./scan_model.ts";

const { onnx } = onnxProto;
const EXTERNAL = {
  name: "w",
  dims: [1],
  dataType: 1,
  dataLocation: 1,
  externalData: [{ key: "location", value: "/etc/passwd" }],
};

/** A model as plain objects of the protobuf. */
function encode(graph: object, rest: object = {}): Uint8Array {
  return onnx.ModelProto.encode(
    onnx.ModelProto.fromObject({ irVersion: 8, graph, ...rest }),
  ).finish();
}

function node(more: object = {}): object {
  return { opType: "Add", input: ["x", "x"], output: ["y"], ...more };
}

const TWICE: GraphSpec = {
  name: "twice",
  inputs: { x: ["n"] },
  outputs: { y: ["n"] },
  initializers: { two: { data: Float32Array.of(2), shape: [] } },
  nodes: [["Mul", ["x", "two"], "y"]],
};

Deno.test("scanModel() counts nodes and tensors, those of subgraphs too", () => {
  assert.deepEqual({ ...scanModel(encodeGraph(TWICE)) }, {
    nNodes: 1,
    nTensors: 1,
  });
  const inner = { node: [node(), node()], initializer: [{ name: "a" }] };
  const bytes = encode({
    node: [node({ attribute: [{ name: "body", type: 5, g: inner }] })],
  });
  assert.deepEqual({ ...scanModel(bytes) }, { nNodes: 3, nTensors: 1 });
});

Deno.test("scanModel() refuses external data, wherever a tensor may stand", () => {
  const places: object[] = [
    { initializer: [EXTERNAL] },
    { sparseInitializer: [{ values: EXTERNAL }] },
    { sparseInitializer: [{ indices: EXTERNAL }] },
    { node: [node({ attribute: [{ name: "value", type: 4, t: EXTERNAL }] })] },
    { node: [node({ attribute: [{ type: 9, tensors: [EXTERNAL] }] })] },
    {
      node: [
        node({ attribute: [{ type: 5, g: { initializer: [EXTERNAL] } }] }),
      ],
    },
    {
      node: [
        node({
          attribute: [{
            type: 10,
            graphs: [{ node: [node({ attribute: [{ t: EXTERNAL }] })] }],
          }],
        }),
      ],
    },
  ];
  for (const place of places) {
    assert.throws(() => scanModel(encode(place)), {
      name: "RangeError",
      message: /"w" is external data/,
    }, JSON.stringify(place));
  }
  const { dataLocation: _, ...listed } = EXTERNAL; // data that is named, but not said to be external
  assert.throws(() => scanModel(encode({ initializer: [listed] })), /external/);
});

Deno.test("scanModel() refuses external data in a function and in training", () => {
  const graph = { node: [node()] };
  const inside = node({ attribute: [{ name: "value", t: EXTERNAL }] });
  const functionProto = field(25, field(7, nodeBytes(inside)));
  const training = field(20, field(1, graphBytes({ initializer: [EXTERNAL] })));
  for (const more of [functionProto, training]) {
    const bytes = new Uint8Array([...encode(graph), ...more]);
    assert.throws(() => scanModel(bytes), /external data/);
  }
});

Deno.test("scanModel() takes operators of ONNX and of the model's own functions, and no others", () => {
  for (const domain of ["", "ai.onnx.ml", "com.microsoft"]) {
    scanModel(encode({ node: [node({ domain })] }));
  }
  const graph = { node: [node({ domain: "my.ops" })] };
  assert.throws(
    () => scanModel(encode(graph)),
    /operators must be of ONNX itself: it has some of domain "my\.ops"/,
  );
  const own = field(25, field(10, new TextEncoder().encode("my.ops")));
  scanModel(new Uint8Array([...encode(graph), ...own]));
  assert.throws(
    () => scanModel(encode({ node: [node({ opType: "EPContext" })] })),
    /operator "EPContext"/,
  );
});

Deno.test("scanModel() refuses too many nodes, and graphs nested too deep", () => {
  const graph = encode({ node: Array.from({ length: 100_001 }, () => ({})) });
  assert.throws(() => scanModel(graph), /at most 100000 nodes/);
  let inner: object = {};
  for (let i = 0; i < 40; i++) {
    inner = { node: [{ attribute: [{ g: inner }] }] };
  }
  assert.throws(() => scanModel(encode(inner)), /nested too deep/);
});

Deno.test("scanModel() refuses other files", () => {
  const good = encodeGraph(TWICE);
  const garbage = Uint8Array.from(
    { length: 300 },
    (_, i) => (i * 89 + 7) % 256,
  );
  for (
    const bytes of [
      new Uint8Array(0),
      new TextEncoder().encode("this is not a model at all, but some text"),
      garbage,
      good.subarray(0, good.length - 3),
      field(1, new Uint8Array(3)),
    ]
  ) {
    assert.throws(() => scanModel(bytes), {
      name: "RangeError",
      message: /^Cannot use model as its file must be an ONNX model: /,
    });
  }
  const ort = good.slice();
  ort.set(new TextEncoder().encode("ORTM"), 4);
  assert.throws(() => scanModel(ort), /format of onnxruntime/);
});

Deno.test("scanModel() ends on any bytes, with an answer or a sentence", () => {
  const good = encodeGraph(TWICE);
  let seed = 1;
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  for (let i = 0; i < 2000; i++) {
    const bytes = good.slice();
    for (let k = 0; k < 3; k++) bytes[random(bytes.length)] = random(256);
    try {
      scanModel(bytes);
    } catch (error) {
      assert.ok(error instanceof RangeError, `${error}`);
      assert.match(error.message, /^Cannot use model as /);
    }
  }
});

function field(number: number, bytes: Uint8Array): Uint8Array {
  assert.ok(bytes.length < 128 * 128);
  const key = number * 8 + 2;
  return new Uint8Array([
    ...key < 128 ? [key] : [key % 128 + 128, Math.floor(key / 128)],
    bytes.length % 128 + 128,
    Math.floor(bytes.length / 128),
    ...bytes,
  ]);
}

function nodeBytes(value: object): Uint8Array {
  return onnx.NodeProto.encode(onnx.NodeProto.fromObject(value)).finish();
}

function graphBytes(value: object): Uint8Array {
  return onnx.GraphProto.encode(onnx.GraphProto.fromObject(value)).finish();
}
