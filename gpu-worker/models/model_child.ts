/**
 * The process that a model runs in. It says what it can be asked for over stdin, gives up what it does not need before it takes the model, and
 * ends with its stdin.
 *
 * @module
 */
import {
  type ModelInput,
  type ModelSession,
  openModel,
} from "../graphs/model_session.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import type { Device } from "../graphs/session.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import { lockDown } from "./lock_down.ts";
import { loadLocale } from "./text_locale.ts";
import { scanModel } from "./scan_model.ts";

const MOST_BODY_BYTES = 2 ** 31;
const PROBE = encodeGraph({
  name: "probe",
  inputs: { x: ["n"] },
  outputs: { y: ["n"] },
  nodes: [["Add", ["x", "x"], "y"]],
});

let device: Device = "cpu";
let threads = 1;
let model: ModelSession | null = null;

/** Answers by what is asked; each with a head, and bytes where it has some. */
const ANSWERS: Readonly<
  Record<string, (frame: Frame) => Promise<[Frame["head"], Uint8Array?]>>
> = {
  async start({ head }) {
    device = head.device as Device;
    threads = head.threads as number;
    // what is opened once is opened now: a locale, the runtime's channel for signals, what onnxruntime reads of the machine
    loadLocale();
    Deno.addSignalListener("SIGUSR2", () => {});
    const probe = await openModel(PROBE, { device, threads });
    const input = {
      name: "x",
      data: new Float32Array(4096),
      type: "float32",
      shape: [4096],
    };
    await probe.run(input, ["y"]);
    await probe.release();
    const level = device === "cpu" ? "compute" : "device";
    return [{ lock_down: lockDown(level, head.memory_bytes as number) }];
  },

  async open({ body }) {
    scanModel(body);
    model = await openModel(body, { device, threads });
    return [{ inputs: model.inputs, outputs: model.outputs }];
  },

  async run({ head, body }) {
    const input = head.input as Omit<ModelInput, "data">;
    const data = input.type === "string"
      ? JSON.parse(new TextDecoder().decode(body)) as string[]
      : new Float32Array(body.buffer);
    const names = head.outputs as string[];
    const found = await model!.run({ ...input, data }, names);
    const outputs = names.map((name) => ({ name, shape: found[name]!.shape }));
    const blob = new Blob(names.map((name) => found[name]!.data as BlobPart));
    return [{ outputs }, await blob.bytes()];
  },
};

async function write(head: Frame["head"], body?: Uint8Array): Promise<void> {
  for (let bytes of encodeFrame(head, body)) {
    while (bytes.length > 0) {
      bytes = bytes.subarray(await Deno.stdout.write(bytes));
    }
  }
}

const reader = new FrameReader(
  (into) => Deno.stdin.read(into),
  () => MOST_BODY_BYTES,
);
while (true) {
  const frame = await reader.next();
  if (frame === null) break;
  try {
    await write(...await ANSWERS[frame.head.ask as string]!(frame));
  } catch (error) {
    const { name, message } = error as Error;
    await write({ refused: { name, message: message.slice(0, 2_000) } });
  }
}
Deno.exit(0);
