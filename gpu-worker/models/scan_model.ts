/** What is known of an ONNX file before any library reads it. */
export interface ModelFacts {
  /** Nodes, those of subgraphs and functions too. */
  readonly nNodes: number;
  /** Stored tensors, those of attributes too. */
  readonly nTensors: number;
}

/** Kinds of protobuf messages that are walked through. */
type Message =
  | "model"
  | "graph"
  | "node"
  | "attribute"
  | "tensor"
  | "sparse"
  | "function"
  | "training";

// onnx.proto: fields that hold messages
const INSIDE: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { 7: "graph", 20: "training", 25: "function" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  node: { 5: "attribute" },
  attribute: {
    5: "tensor",
    6: "graph",
    10: "tensor",
    11: "graph",
    22: "sparse",
    23: "sparse",
  },
  tensor: {},
  sparse: { 1: "tensor", 2: "tensor" },
  function: { 7: "node", 11: "attribute" },
  training: { 1: "graph", 2: "graph" },
};
const [NODE_OP, NODE_DOMAIN, FUNCTION_DOMAIN] = [4, 7, 10];
const [TENSOR_NAME, TENSOR_EXTERNAL_DATA, TENSOR_DATA_LOCATION] = [8, 13, 14];

/** Operators that onnxruntime brings with it. */
const DOMAINS = new Set(["", "ai.onnx", "ai.onnx.ml", "com.microsoft"]);
/** It names a file that a device compiled before. */
const REFUSED_OPERATORS = new Set(["EPContext"]);
const MOST_NODES = 100_000;
const MOST_TENSORS = 100_000;
const MOST_DEPTH = 64;

/**
 * Walks an ONNX file without decoding it, and refuses what may reach beyond it: external data, operators of other libraries, another format.
 *
 * O(messages); copies names only.
 *
 * @param bytes The file.
 * @throws {RangeError} With a sentence for its owner, if it must not be loaded.
 */
export function scanModel(bytes: Uint8Array): ModelFacts {
  const scan = new Scan(bytes);
  scan.walk("model", 0, bytes.length, 0);
  scan.check();
  return scan;
}

class Scan implements ModelFacts {
  nNodes = 0;
  nTensors = 0;
  #hasGraph = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #domains = new Set<string>();
  readonly #functionDomains = new Set<string>();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
    if (text(bytes.subarray(4, 8)) === "ORTM") {
      throw refusal("it is in the format of onnxruntime; export it as ONNX");
    }
  }

  check(): void {
    if (!this.#hasGraph) throw notOnnx("it has no graph");
    for (const domain of this.#domains) {
      if (DOMAINS.has(domain) || this.#functionDomains.has(domain)) continue;
      throw refusal(
        `its operators must be of ONNX itself: it has some of domain "${
          shown(domain)
        }"`,
      );
    }
  }

  walk(message: Message, start: number, end: number, depth: number): void {
    if (depth > MOST_DEPTH) throw refusal("its graphs are nested too deep");
    if (message === "node" && ++this.nNodes > MOST_NODES) {
      throw refusal(`it must have at most ${MOST_NODES} nodes`);
    }
    if (message === "tensor" && ++this.nTensors > MOST_TENSORS) {
      throw refusal(`it must have at most ${MOST_TENSORS} stored tensors`);
    }
    let name = "";
    let isExternal = false;
    this.#at = start;
    while (this.#at < end) {
      const key = this.#varint(end);
      const [field, wire] = [Math.floor(key / 8), key % 8];
      if (wire === 0) {
        const value = this.#varint(end);
        if (message === "tensor" && field === TENSOR_DATA_LOCATION) {
          isExternal ||= value !== 0;
        }
        continue;
      }
      if (wire === 1 || wire === 5) {
        this.#at += wire === 1 ? 8 : 4;
        continue;
      }
      if (wire !== 2) throw notOnnx(`byte ${this.#at} begins no field`);
      const length = this.#varint(end);
      const from = this.#at;
      const to = from + length;
      if (to > end) throw notOnnx(`it ends within a field at byte ${from}`);
      const inside = INSIDE[message][field];
      if (inside) {
        this.#hasGraph ||= inside === "graph";
        this.walk(inside, from, to, depth + 1);
      } else if (message === "tensor") {
        if (field === TENSOR_NAME) name = text(this.#bytes.subarray(from, to));
        isExternal ||= field === TENSOR_EXTERNAL_DATA;
      } else {
        this.#note(message, field, from, to);
      }
      this.#at = to;
    }
    if (this.#at !== end) throw notOnnx("a field runs over its end");
    if (isExternal) {
      throw refusal(
        `its tensors must be in the file itself: "${
          shown(name)
        }" is external data; save it as one file, as onnx.save(model, path) does by default`,
      );
    }
  }

  #note(message: Message, field: number, from: number, to: number): void {
    const isDomain = message === "node" && field === NODE_DOMAIN;
    const isOperator = message === "node" && field === NODE_OP;
    const isFunction = message === "function" && field === FUNCTION_DOMAIN;
    if (!isDomain && !isOperator && !isFunction) return;
    const value = text(this.#bytes.subarray(from, to));
    if (isDomain) this.#domains.add(value);
    if (isFunction) this.#functionDomains.add(value);
    if (isOperator && REFUSED_OPERATORS.has(value)) {
      throw refusal(`it must not have an operator "${value}"`);
    }
  }

  /** Numbers above 2^53 lose digits; nothing here is compared that exactly. */
  #varint(end: number): number {
    let [value, scale] = [0, 1];
    for (let i = 0; i < 10; i++, scale *= 128) {
      if (this.#at >= end) throw notOnnx(`it ends within a number`);
      const byte = this.#view.getUint8(this.#at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw notOnnx(`byte ${this.#at} is in no number`);
  }
}

function refusal(why: string): RangeError {
  return new RangeError(`Cannot use model as ${why}`);
}

function notOnnx(why: string): RangeError {
  return refusal(`its file must be an ONNX model: ${why}`);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}
