/**
 * ONNX graphs as data. This is the only file that knows the protobuf.
 *
 * @module
 */
import onnxProto from "onnx-proto";

/** Value of an attribute: an integer unless written as `{ float }`; a list of integers; a string. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number };

/** One node: ONNX operator, input names, output names, attributes. An empty name leaves an optional place out. */
export type NodeSpec = readonly [
  op: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes?: Readonly<Record<string, AttributeValue>>,
];

/** Element types that graphs here use. */
export type ElementType = "float32" | "int8" | "uint8" | "int32" | "int64";

/** Shape of an input or output, float32 unless it says otherwise; a dimension is a number or a symbol. */
export type ValueSpec =
  | readonly (number | string)[]
  | {
    /** Element type. */
    readonly type: ElementType;
    /** Dimensions. */
    readonly shape: readonly (number | string)[];
  };

/** A constant stored in the model. */
export interface InitializerSpec {
  /** Values in row-major order; the kind of array is the element type. */
  readonly data:
    | Float32Array
    | Int8Array
    | Uint8Array
    | Int32Array
    | BigInt64Array;
  /** Dimensions; none for a scalar. */
  readonly shape: readonly number[];
}

/** A graph. */
export interface GraphSpec {
  /** Name, also shown in profiles. */
  readonly name: string;
  /** Inputs by name. */
  readonly inputs: Readonly<Record<string, ValueSpec>>;
  /** Outputs by name. */
  readonly outputs: Readonly<Record<string, ValueSpec>>;
  /** Constants by name. */
  readonly initializers?: Readonly<Record<string, InitializerSpec>>;
  /** Nodes in topological order, one line each. */
  readonly nodes: readonly NodeSpec[];
}

const { onnx } = onnxProto;
const OPSET = 17;
const { FLOAT, INT8, UINT8, INT32, INT64 } = onnx.TensorProto.DataType;
const ELEMENT_TYPES = {
  float32: FLOAT,
  int8: INT8,
  uint8: UINT8,
  int32: INT32,
  int64: INT64,
};
const { INT, INTS, FLOAT: FLOAT_ATTRIBUTE, STRING } =
  onnx.AttributeProto.AttributeType;

/** Protobuf ends at 2^31 - 1 bytes; the rest is room for the nodes. */
const MAX_INITIALIZER_BYTES = 2 ** 31 - 2 ** 20;

/**
 * Encodes a graph as the bytes that onnxruntime loads.
 *
 * Initializers are copied into the bytes, once more than their own size while
 * it runs. A protobuf holds at most 2 GiB: a larger matrix has to be cut.
 *
 * @param spec The graph.
 * @returns A serialized ModelProto, opset 17.
 * @throws {RangeError} If the initializers do not fit into one protobuf, or one has another number of values than its shape says.
 *
 * @example
 * ```ts
 * import { encodeGraph } from "./onnx.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = encodeGraph({
 *   name: "twice",
 *   inputs: { x: ["n"] },
 *   outputs: { y: ["n"] },
 *   nodes: [["Add", ["x", "x"], "y"]],
 * });
 * assert.ok(bytes.length > 0);
 * ```
 */
export function encodeGraph(spec: GraphSpec): Uint8Array {
  const initializers = Object.entries(spec.initializers ?? {});
  const bytes = initializers.reduce((sum, [, i]) => sum + i.data.byteLength, 0);
  if (bytes > MAX_INITIALIZER_BYTES) {
    throw new RangeError(
      `Cannot encode graph "${spec.name}" as initializers must fit into ${MAX_INITIALIZER_BYTES} bytes: current value is ${bytes}`,
    );
  }
  const model = onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: "", version: OPSET }],
    graph: {
      name: spec.name,
      input: Object.entries(spec.inputs).map(encodeValue),
      output: Object.entries(spec.outputs).map(encodeValue),
      initializer: initializers.map(encodeInitializer),
      node: spec.nodes.map(([opType, input, output, attributes = {}]) => ({
        opType,
        input,
        output: typeof output === "string" ? [output] : output,
        attribute: Object.entries(attributes).map(encodeAttribute),
      })),
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

function encodeValue([name, value]: [string, ValueSpec]): object {
  const { type, shape } = "shape" in value
    ? value
    : { type: "float32" as const, shape: value };
  const dim = shape.map((d) =>
    typeof d === "number" ? { dimValue: d } : { dimParam: d }
  );
  const elemType = ELEMENT_TYPES[type];
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function encodeInitializer(
  [name, { data, shape }]: [string, InitializerSpec],
): object {
  const size = shape.reduce((product, d) => product * d, 1);
  if (size !== data.length) {
    throw new RangeError(
      `Cannot encode initializer "${name}" as it must have ${size} values: current value is ${data.length}`,
    );
  }
  const dataType = elementType(data);
  const rawData = new Uint8Array(
    data.buffer,
    data.byteOffset,
    data.byteLength,
  );
  return { name, dims: shape, dataType, rawData };
}

function elementType(data: InitializerSpec["data"]): number {
  if (data instanceof Float32Array) return FLOAT;
  if (data instanceof Int8Array) return INT8;
  if (data instanceof Uint8Array) return UINT8;
  return data instanceof Int32Array ? INT32 : INT64;
}

function encodeAttribute([name, value]: [string, AttributeValue]): object {
  if (typeof value === "number") return { name, type: INT, i: value };
  if (typeof value === "string") {
    return { name, type: STRING, s: new TextEncoder().encode(value) };
  }
  if ("float" in value) {
    return { name, type: FLOAT_ATTRIBUTE, f: value.float };
  }
  return { name, type: INTS, ints: value };
}
