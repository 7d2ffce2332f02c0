import onnxProto from "onnx-proto";
import assert from "node:assert/strict";
import { encodeGraph, type GraphSpec, type NodeSpec } from "../graphs/onnx.ts";
import { type ModelLimits, ModelProcess } from "./model_process.ts";
import { residentBytes } from "./resident_bytes.ts";

const { onnx } = onnxProto;
const LIMITS: ModelLimits = {
  memoryBytes: 1024 * 1_048_576,
  openMs: 20_000,
  batchMs: 20_000,
};
const NEVER = new AbortController().signal;

function start(
  limits: Partial<ModelLimits> = {},
  signal = NEVER,
): Promise<ModelProcess> {
  return ModelProcess.start({
    device: "cpu",
    limits: { ...LIMITS, ...limits },
  }, signal);
}

function graph(
  nodes: readonly NodeSpec[],
  initializers: GraphSpec["initializers"] = {},
): Uint8Array {
  return encodeGraph({
    name: "test",
    inputs: { x: ["n", 2] },
    outputs: { y: ["n", 2] },
    initializers,
    nodes,
  });
}

const TWICE = graph([["Add", ["x", "x"], "y"]]);
/** Adds a tensor of 16 GB to its input. */
const HUGE = graph([
  ["ConstantOfShape", ["size"], "zeros"],
  ["Exp", ["zeros"], "ones"],
  ["ReduceSum", ["ones"], "sum", { keepdims: 0 }],
  ["Add", ["x", "sum"], "y"],
], { size: { data: BigInt64Array.of(4_000_000_000n), shape: [1] } });

/** A loop that goes on for 2^62 turns. */
function endless(): Uint8Array {
  const value = (name: string, elemType: number, dims: number[] = []) => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: { dim: dims.map((d) => ({ dimValue: d })) },
      },
    },
  });
  const [FLOAT, INT64, BOOL] = [1, 7, 9];
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "endless",
      input: [{ name: "x", type: { tensorType: { elemType: FLOAT } } }],
      output: [{ name: "y", type: { tensorType: { elemType: FLOAT } } }],
      initializer: [
        { name: "turns", dataType: INT64, int64Data: ["4611686018427387904"] },
        { name: "go", dataType: BOOL, int32Data: [1] },
      ],
      node: [{
        opType: "Loop",
        input: ["turns", "go", "x"],
        output: ["y"],
        attribute: [{
          name: "body",
          type: 5,
          g: {
            name: "body",
            input: [
              value("i", INT64),
              value("on", BOOL),
              { name: "s", type: { tensorType: { elemType: FLOAT } } },
            ],
            output: [
              value("off", BOOL),
              { name: "t", type: { tensorType: { elemType: FLOAT } } },
            ],
            node: [
              { opType: "Identity", input: ["on"], output: ["off"] },
              { opType: "Sin", input: ["s"], output: ["t"] },
            ],
          },
        }],
      }],
    },
  })).finish();
}

const X = {
  name: "x",
  data: Float32Array.of(1, 2, 3, 4),
  type: "float32",
  shape: [2, 2],
};

Deno.test("ModelProcess runs a model, batch after batch, and says what it takes", async () => {
  using process = await start();
  assert.deepEqual(await process.open(TWICE), {
    inputs: [{ name: "x", type: "float32", shape: ["n", 2] }],
    outputs: [{ name: "y", type: "float32", shape: ["n", 2] }],
  });
  for (let i = 0; i < 3; i++) {
    const [y] = await process.run(X, ["y"], 4);
    assert.deepEqual(y, { data: Float32Array.of(2, 4, 6, 8), shape: [2, 2] });
  }
});

Deno.test("ModelProcess takes strings", async () => {
  const bytes = onnx.ModelProto.encode(onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }, {
      domain: "ai.onnx.ml",
      version: 3,
    }],
    graph: {
      name: "lengths",
      input: [{
        name: "text",
        type: {
          tensorType: { elemType: 8, shape: { dim: [{ dimParam: "n" }] } },
        },
      }],
      output: [{ name: "y", type: { tensorType: { elemType: 1 } } }],
      node: [{
        opType: "LabelEncoder",
        domain: "ai.onnx.ml",
        input: ["text"],
        output: ["y"],
        attribute: [
          {
            name: "keys_strings",
            type: 8,
            strings: [new TextEncoder().encode("büro")],
          },
          { name: "values_floats", type: 6, floats: [7] },
          { name: "default_float", type: 1, f: -1 },
        ],
      }],
    },
  })).finish();
  using process = await start();
  await process.open(bytes);
  const input = {
    name: "text",
    data: ["büro", "a"],
    type: "string",
    shape: [2],
  };
  const [y] = await process.run(input, ["y"], 2);
  assert.deepEqual(y!.data, Float32Array.of(7, -1));
});

Deno.test("ModelProcess lowers the case of texts, as pipelines of scikit-learn do first", async () => {
  const dim = [{ dimParam: "n" }];
  const type = (elemType: number) => ({
    tensorType: { elemType, shape: { dim } },
  });
  const bytes = onnx.ModelProto.encode(onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }, {
      domain: "ai.onnx.ml",
      version: 3,
    }],
    graph: {
      name: "lower",
      input: [{ name: "text", type: type(8) }],
      output: [{ name: "y", type: type(1) }],
      node: [
        {
          opType: "StringNormalizer",
          input: ["text"],
          output: ["lower"],
          attribute: [{
            name: "case_change_action",
            type: 3,
            s: new TextEncoder().encode("LOWER"),
          }],
        },
        {
          opType: "LabelEncoder",
          domain: "ai.onnx.ml",
          input: ["lower"],
          output: ["y"],
          attribute: [
            {
              name: "keys_strings",
              type: 8,
              strings: [new TextEncoder().encode("grün")],
            },
            { name: "values_floats", type: 6, floats: [7] },
            { name: "default_float", type: 1, f: -1 },
          ],
        },
      ],
    },
  })).finish();
  using process = await start();
  await process.open(bytes);
  const data = ["GRÜN", "GRUN"];
  const input = { name: "text", data, type: "string", shape: [2] };
  const [y] = await process.run(input, ["y"], 2);
  assert.deepEqual(y!.data, Float32Array.of(7, -1));
});

Deno.test("ModelProcess is locked down on Linux", async () => {
  using process = await start();
  if (Deno.build.os !== "linux") return;
  assert.deepEqual(process.lockDown, {
    memoryBytes: LIMITS.memoryBytes,
    systemCalls: "compute",
  });
});

Deno.test("ModelProcess refuses what is no model, with a sentence, and takes another", async () => {
  using process = await start();
  await assert.rejects(process.open(Uint8Array.of(1, 2, 3)), {
    code: "unusable_input",
    message: /^Cannot use model as its file must be an ONNX model: /,
  });
  const wrong = graph([["NoSuchOperator", ["x"], "y"]]);
  await assert.rejects(process.open(wrong), {
    code: "unusable_input",
    message: /onnxruntime must be able to run it; it says: .*NoSuchOperator/,
  });
  await process.open(TWICE);
});

Deno.test("ModelProcess says which shape a model takes", async () => {
  using process = await start();
  await process.open(TWICE);
  const wide = { ...X, data: new Float32Array(6), shape: [2, 3] };
  await assert.rejects(process.run(wide, ["y"], 4), {
    code: "unusable_input",
    message: /Got: 3 Expected: 2/,
  });
});

Deno.test("ModelProcess ends a model that takes more memory than it may", async () => {
  using process = await start();
  await process.open(HUGE);
  await assert.rejects(process.run(X, ["y"], 4), {
    code: "unusable_input",
    message: "Cannot use model as it must need at most 1024 MB of memory",
  });
});

Deno.test("ModelProcess ends a model that takes more time than it may, and the process with it", async () => {
  using process = await start({ batchMs: 700 });
  await process.open(endless());
  await assert.rejects(process.run(X, ["y"], 4), {
    code: "unusable_input",
    message:
      "Cannot use model as loading it, and each batch, must take at most 0.7 s",
  });
  await assert.rejects(process.run(X, ["y"], 4), { code: "unusable_input" });
});

Deno.test("ModelProcess ends with its signal, whatever the model does", async () => {
  const stop = new AbortController();
  using process = await start({}, stop.signal);
  await process.open(endless());
  const running = process.run(X, ["y"], 4);
  setTimeout(() => stop.abort(new Error("stopped")), 100);
  await assert.rejects(running, { message: "stopped" });
});

Deno.test("ModelProcess takes no more from a model than it asked for", async () => {
  using process = await start();
  await process.open(graph([["Tile", ["x", "times"], "y"]], {
    times: { data: BigInt64Array.of(1000n, 1n), shape: [2] },
  }));
  await assert.rejects(process.run(X, ["y"], 4), {
    code: "unusable_input",
    message: /they are larger/,
  });
});

Deno.test("ModelProcess says how the process of a model ended", async () => {
  using process = await start();
  await process.open(endless());
  const running = process.run(X, ["y"], 4);
  setTimeout(() => Deno.kill(process.pid, "SIGABRT"), 100);
  await assert.rejects(running, {
    code: "unusable_input",
    message: /must not break the process that runs it, which ended by SIGABRT/,
  });
});

Deno.test({
  name: "ModelProcess ends with a worker that is killed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const path =
      new URL("./testing/endless_parent.ts", import.meta.url).pathname;
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", path],
      stdout: "piped",
    }).spawn();
    const reader = parent.stdout.getReader();
    const { value } = await reader.read();
    const pid = Number(new TextDecoder().decode(value));
    assert.ok(pid > 0);
    assert.ok(await residentBytes(pid) > 0);
    parent.kill("SIGKILL");
    await parent.status;
    await reader.cancel();
    const deadline = Date.now() + 5_000;
    while (await residentBytes(pid) > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(await residentBytes(pid), 0);
  },
});
