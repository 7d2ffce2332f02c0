import onnxProto from "onnx-proto";
import assert from "node:assert/strict";
import { openModel } from "./model_session.ts";

const { onnx } = onnxProto;
const [FLOAT, INT64, FLOAT16, DOUBLE] = [1, 7, 10, 11];

function value(name: string, elemType: number): object {
  const dim = [{ dimParam: "n" }];
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** A model that casts its input, float64, to another type. */
function cast(to: number): Uint8Array {
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "cast",
      input: [value("x", DOUBLE)],
      output: [value("y", to)],
      node: [{
        opType: "Cast",
        input: ["x"],
        output: ["y"],
        attribute: [{ name: "to", type: 2, i: to }],
      }],
    },
  })).finish();
}

const X = [0, 1.5, -2, 2 ** -24, -65504, 1e9, NaN];

for (const [name, type] of [["float32", FLOAT], ["float64", DOUBLE]] as const) {
  Deno.test(`openModel() takes float64 and gives ${name} as float32`, async () => {
    const model = await openModel(cast(type), { device: "cpu", threads: 1 });
    assert.deepEqual(model.outputs, [{ name: "y", type: name, shape: ["n"] }]);
    const data = Float32Array.from(X);
    const input = { name: "x", data, type: "float64", shape: [X.length] };
    assert.deepEqual(await model.run(input, ["y"]), {
      y: { data, shape: [X.length] },
    });
    await model.release();
  });
}

Deno.test("openModel() gives half floats as float32", async () => {
  const model = await openModel(cast(FLOAT16), { device: "cpu", threads: 1 });
  const data = Float32Array.from(X);
  const input = { name: "x", data, type: "float64", shape: [X.length] };
  const { y } = await model.run(input, ["y"]);
  assert.deepEqual(
    [...y!.data],
    [0, 1.5, -2, 2 ** -24, -65504, Infinity, NaN],
  );
  await model.release();
});

Deno.test("openModel() refuses to run for integers", async () => {
  const model = await openModel(cast(INT64), { device: "cpu", threads: 1 });
  const input = {
    name: "x",
    data: new Float32Array(1),
    type: "float64",
    shape: [1],
  };
  await assert.rejects(model.run(input, ["y"]), {
    message:
      "Cannot take output as it must be of floats: current value is int64",
  });
  await model.release();
});
