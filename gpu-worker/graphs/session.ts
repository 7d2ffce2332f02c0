/**
 * Runs graphs with onnxruntime. `run()` blocks the thread it is called on, so
 * graphs are run in a compute thread, never beside an HTTP server.
 *
 * @module
 */
import type * as Ort from "onnxruntime-node";
import { encodeGraph, type GraphSpec, type InitializerSpec } from "./onnx.ts";

/** What the operator asks for. */
export type DeviceRequest = "auto" | "cpu" | "webgpu" | "cuda";

/** What a graph runs on. */
export type Device = "cpu" | "webgpu" | "cuda";

/** Arrays that go into a graph or come out of it. */
export interface TensorData {
  /** Values in row-major order; must not lie in a SharedArrayBuffer. */
  readonly data: InitializerSpec["data"];
  /** Dimensions. */
  readonly shape: readonly number[];
}

/** A graph ready to run. */
export interface GraphSession {
  /** What it runs on. */
  readonly device: Device;
  /** Runs the graph once; the arrays that come back are the caller's. */
  run(
    inputs: Readonly<Record<string, TensorData>>,
  ): Promise<Record<string, TensorData>>;
  /** Frees native memory; the session cannot be used afterwards. */
  release(): Promise<void>;
}

/** How a session runs. */
export interface SessionOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /** CPU threads inside one operator; default 2. Results do not depend on it. */
  readonly threads?: number;
}

/** Tried in this order by `auto`: WebGPU also starts on software renderers that are slower than the CPU, so it has to be asked for. */
const AUTO_DEVICES: readonly Device[] = ["cuda"];

/** Threads that have nothing to do sleep: waiting in a loop took up to half of the CPU time where operators are short or others work beside. */
const NO_SPINNING = { session: { intra_op: { allow_spinning: "0" } } };

const PROBE: GraphSpec = {
  name: "probe",
  inputs: { x: ["n"] },
  outputs: { y: ["n"] },
  nodes: [["Add", ["x", "x"], "y"]],
};

/** The runtime: what this room uses of it. */
export type Runtime = Pick<typeof Ort, "InferenceSession" | "Tensor" | "env">;
let runtime: Promise<Runtime> | undefined;

/**
 * Loads onnxruntime, once a thread.
 *
 * @returns The runtime; it says nothing on stderr but what is fatal.
 */
export function loadRuntime(): Promise<Runtime> {
  // Deno 2.9 gives native modules a wrong size for Float16Array ("not enough
  // space"); without it onnxruntime takes Uint16Array, which works.
  Reflect.deleteProperty(globalThis, "Float16Array");
  return runtime ??= import("onnxruntime-node").then((ort) => {
    ort.env.logLevel = "fatal"; // what fails is thrown; a provider that is not there is no news
    return ort;
  });
}

/**
 * Opens a graph on a device.
 *
 * @param graph The graph, or the bytes of a model.
 * @param options Device and threads.
 * @returns A session; release it.
 * @throws {Error} If the device or the graph cannot be loaded.
 *
 * @example
 * ```ts
 * import { openSession } from "./session.ts";
 * import assert from "node:assert/strict";
 *
 * const session = await openSession({
 *   name: "twice",
 *   inputs: { x: ["n"] },
 *   outputs: { y: ["n"] },
 *   nodes: [["Add", ["x", "x"], "y"]],
 * });
 * const { y } = await session.run({ x: { data: Float32Array.of(1, 2), shape: [2] } });
 * assert.deepEqual(y!.data, Float32Array.of(2, 4));
 * await session.release();
 * ```
 */
export async function openSession(
  graph: GraphSpec | Uint8Array,
  { device = "cpu", threads = 2 }: SessionOptions = {},
): Promise<GraphSession> {
  const ort = await loadRuntime();
  const bytes = graph instanceof Uint8Array ? graph : encodeGraph(graph);
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      extra: NO_SPINNING,
    });
  } catch (cause) {
    throw new Error(`Cannot open graph on device "${device}"`, { cause });
  }
  return {
    device,
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map((
          [name, { data, shape }],
        ) => [name, new ort.Tensor(data, shape)]),
      );
      const outputs = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map((
          [name, { data, dims }],
        ) => [name, { data: data as TensorData["data"], shape: dims }]),
      );
    },
    release: () => session.release(),
  };
}

/**
 * Finds the device to use by running a small graph on it.
 *
 * `auto` takes CUDA if it works, else the CPU. A device asked for by name is
 * never replaced in silence.
 *
 * @param request What the operator asks for.
 * @returns A device that works.
 * @throws {Error} If the device asked for does not work; the reason is its `cause`.
 *
 * @example
 * ```ts
 * import { resolveDevice } from "./session.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await resolveDevice("cpu"), "cpu");
 * ```
 */
export async function resolveDevice(request: DeviceRequest): Promise<Device> {
  if (request === "cpu") return "cpu";
  if (request !== "auto") {
    await probe(request);
    return request;
  }
  for (const device of AUTO_DEVICES) {
    try {
      await probe(device);
      return device;
    } catch {
      // not there: the next one
    }
  }
  return "cpu";
}

async function probe(device: Device): Promise<void> {
  const session = await openSession(PROBE, { device, threads: 1 });
  try {
    await session.run({ x: { data: Float32Array.of(1), shape: [1] } });
  } catch (cause) {
    throw new Error(`Cannot run a graph on device "${device}"`, { cause });
  } finally {
    await session.release();
  }
}
