import type * as Ort from "onnxruntime-node";
import { type Device, loadRuntime } from "./session.ts";

/** An input or output of a model, as its file describes it. */
export interface ModelValue {
  /** Its name. */
  readonly name: string;
  /** Element type, such as `float32` or `string`; `other` where it is no tensor: a sequence or a map. */
  readonly type: string;
  /** Dimensions: a number, or a symbol where it is open; empty where nothing is said. */
  readonly shape: readonly (number | string)[];
}

/** What goes into a model. */
export interface ModelInput {
  /** Name of the input. */
  readonly name: string;
  /** Numbers, or strings. */
  readonly data: Float32Array | readonly string[];
  /** Element type that the model asks for, where `data` are numbers: `float32` or `float64`. */
  readonly type: string;
  /** Dimensions. */
  readonly shape: readonly number[];
}

/** What comes out of a model, as numbers. */
export interface ModelOutput {
  /** Values in row-major order. */
  readonly data: Float32Array;
  /** Dimensions. */
  readonly shape: readonly number[];
}

/** A model ready to run. */
export interface ModelSession {
  /** Inputs, in the model's order. */
  readonly inputs: readonly ModelValue[];
  /** Outputs, in the model's order. */
  readonly outputs: readonly ModelValue[];
  /** Runs it once, for the outputs that are named. */
  run(
    input: ModelInput,
    outputs: readonly string[],
  ): Promise<Record<string, ModelOutput>>;
  /** Frees native memory; the session cannot be used afterwards. */
  release(): Promise<void>;
}

/** How a model runs. */
export interface ModelSessionOptions {
  /** Where. */
  readonly device: Device;
  /** CPU threads inside one operator. */
  readonly threads: number;
}

/**
 * Opens a model that somebody else made. The bytes are loaded as they are: nothing is read beside them, and nothing is written.
 *
 * @param bytes The ONNX file.
 * @param options Device and threads.
 * @returns A session; release it.
 * @throws {Error} Of onnxruntime, if the file cannot be loaded.
 *
 * @example
 * ```ts
 * import { encodeGraph } from "./onnx.ts";
 * import { openModel } from "./model_session.ts";
 * import assert from "node:assert/strict";
 *
 * const model = await openModel(encodeGraph({
 *   name: "twice",
 *   inputs: { x: ["n"] },
 *   outputs: { y: ["n"] },
 *   nodes: [["Add", ["x", "x"], "y"]],
 * }), { device: "cpu", threads: 1 });
 * assert.deepEqual(model.inputs, [{ name: "x", type: "float32", shape: ["n"] }]);
 * const input = { name: "x", data: Float32Array.of(1), type: "float32", shape: [1] };
 * assert.deepEqual((await model.run(input, ["y"])).y!.data, Float32Array.of(2));
 * await model.release();
 * ```
 */
export async function openModel(
  bytes: Uint8Array,
  { device, threads }: ModelSessionOptions,
): Promise<ModelSession> {
  const ort = await loadRuntime();
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    extra: { session: { load_model_format: "ONNX" } },
  });
  return {
    inputs: session.inputMetadata.map(valueOf),
    outputs: session.outputMetadata.map(valueOf),
    async run({ name, data, type, shape }, outputs) {
      const tensor = data instanceof Float32Array
        ? type === "float64"
          ? new ort.Tensor("float64", Float64Array.from(data), shape)
          : new ort.Tensor("float32", data, shape)
        : new ort.Tensor("string", data as string[], shape);
      const found = await session.run({ [name]: tensor }, outputs);
      return Object.fromEntries(
        outputs.map((output) => [output, numbersOf(found[output]!)]),
      );
    },
    release: () => session.release(),
  };
}

function valueOf(value: Ort.InferenceSession.ValueMetadata): ModelValue {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: "other", shape: [] };
}

function numbersOf({ data, dims, type }: Ort.OnnxValue): ModelOutput {
  if (data instanceof Float32Array) return { data, shape: dims };
  if (type === "float16") {
    return { data: floatsOf(data as unknown as Uint16Array), shape: dims };
  }
  if (data instanceof Float64Array) {
    return { data: Float32Array.from(data), shape: dims };
  }
  throw new RangeError(
    `Cannot take output as it must be of floats: current value is ${type}`,
  );
}

/** Half floats, whose bits come as integers. */
function floatsOf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent === 0
      ? sign * 2 ** -14 * (fraction / 1024)
      : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
  });
}
