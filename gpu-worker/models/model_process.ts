import { AppError } from "@shared/errors.ts";
import type {
  ModelInput,
  ModelOutput,
  ModelValue,
} from "../graphs/model_session.ts";
import type { Device } from "../graphs/session.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import type { LockDown } from "./lock_down.ts";
import { residentBytes } from "./resident_bytes.ts";
import { makeLocalePath } from "./text_locale.ts";

/** What a model may take. */
export interface ModelLimits {
  /** Memory of its process beside that of a device, bytes. */
  readonly memoryBytes: number;
  /** Time to load it, ms. */
  readonly openMs: number;
  /** Time for one batch, ms. */
  readonly batchMs: number;
}

/** How a model's process is started. */
export interface ModelProcessOptions {
  /** Where it runs. */
  readonly device: Device;
  /** CPU threads inside one operator; default 2. */
  readonly threads?: number;
  /** What it may take. */
  readonly limits: ModelLimits;
  /** Variables that the drivers of a device need; nothing else of the environment is passed on. */
  readonly driverEnvironment?: Readonly<Record<string, string>>;
}

/** A few MB, as long as the process is not locked down yet, and for what says nothing large. */
const SMALL_ANSWER = 1_048_576;
const START_MS = 60_000;
const WATCH_EVERY_MS = 100;
const MB = 1_048_576;
const OUT_OF_MEMORY_REGEXP = /alloc|out of memory/i;

/** Why the process was ended by us. */
type Ended = "time" | "memory" | "abort" | "disposed";

/**
 * A model of somebody else's in a process of its own: no environment, no permission of Deno's but to load onnxruntime, what the kernel can deny
 * denied (`lock_down.ts`), memory and time limited. Whatever it does ends that process only.
 *
 * One request at a time; `using` ends it.
 */
export class ModelProcess implements Disposable {
  /** What the kernel denies it. */
  readonly lockDown: LockDown;
  /** The process. */
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #frames: FrameReader;
  readonly #complaints: Promise<string>;
  readonly #limits: ModelLimits;
  readonly #signal: AbortSignal;
  readonly #stop = () => this.#end("abort");
  readonly #watch: ReturnType<typeof setInterval>;
  #mostAnswerBytes = SMALL_ANSWER;
  #ended: Ended | null = null;

  private constructor(
    child: Deno.ChildProcess,
    limits: ModelLimits,
    signal: AbortSignal,
  ) {
    this.#child = child;
    this.pid = child.pid;
    this.#limits = limits;
    this.#signal = signal;
    this.#stdin = child.stdin.getWriter();
    this.#stdin.closed.catch(() => {}); // said where it is written to
    const stdout = byteReader(child.stdout);
    this.#complaints = endOf(child.stderr);
    this.#frames = new FrameReader(stdout, () => this.#mostAnswerBytes);
    this.lockDown = { memoryBytes: null, systemCalls: null };
    signal.addEventListener("abort", this.#stop, { once: true });
    this.#watch = setInterval(async () => {
      const bytes = await residentBytes(child.pid);
      if (bytes > limits.memoryBytes) this.#end("memory");
    }, WATCH_EVERY_MS);
  }

  /**
   * Starts the process and locks it down.
   *
   * @param options Device and limits.
   * @param signal Ends it at once.
   * @throws {Error} If it cannot be started or locked down: no fault of any model.
   */
  static async start(
    options: ModelProcessOptions,
    signal: AbortSignal,
  ): Promise<ModelProcess> {
    signal.throwIfAborted();
    const { device, limits, threads = 2 } = options;
    const localePath = makeLocalePath();
    const child = spawn(options, localePath);
    const process = new ModelProcess(child, limits, signal);
    try {
      const { head } = await process.#ask(
        {
          ask: "start",
          device,
          threads,
          memory_bytes: limits.memoryBytes,
        },
        undefined,
        START_MS,
      );
      const lockDown = head.lock_down as LockDown;
      return Object.assign(process, { lockDown });
    } catch (cause) {
      process[Symbol.dispose]();
      signal.throwIfAborted();
      const said = plain(await process.#complaints) || "it says nothing";
      throw new Error(`Cannot start a process for a model: ${said}`, { cause });
    } finally {
      if (localePath) await Deno.remove(localePath, { recursive: true });
    }
  }

  /**
   * Loads a model.
   *
   * @param bytes The ONNX file.
   * @returns Its inputs and outputs.
   * @throws {AppError} `unusable_input`, with a sentence for the model's owner.
   */
  async open(
    bytes: Uint8Array,
  ): Promise<
    { readonly inputs: ModelValue[]; readonly outputs: ModelValue[] }
  > {
    this.#mostAnswerBytes = SMALL_ANSWER;
    const { openMs } = this.#limits;
    const { head } = await this.#ask({ ask: "open" }, bytes, openMs);
    return { inputs: valuesOf(head.inputs), outputs: valuesOf(head.outputs) };
  }

  /**
   * Runs the model once.
   *
   * @param input What goes in.
   * @param outputs Names of what is to come out.
   * @param mostNumbers Most numbers of all outputs together.
   * @throws {AppError} `unusable_input`, with a sentence for the model's owner.
   */
  async run(
    input: ModelInput,
    outputs: readonly string[],
    mostNumbers: number,
  ): Promise<ModelOutput[]> {
    this.#mostAnswerBytes = 4 * mostNumbers;
    const { data, ...said } = input;
    const body = data instanceof Float32Array
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new TextEncoder().encode(JSON.stringify(data));
    const { head, body: values } = await this.#ask(
      { ask: "run", input: said, outputs },
      body,
      this.#limits.batchMs,
    );
    return outputsOf(head.outputs, outputs, values);
  }

  /** Ends the process. */
  [Symbol.dispose](): void {
    this.#end("disposed");
  }

  async #ask(
    head: Frame["head"],
    body: Uint8Array | undefined,
    mostMs: number,
  ): Promise<Frame> {
    const timer = setTimeout(() => this.#end("time"), mostMs);
    let answer: Frame | null = null;
    try {
      for (const bytes of encodeFrame(head, body)) {
        if (bytes.length > 0) await this.#stdin.write(bytes);
      }
      answer = await this.#frames.next();
    } catch (error) {
      if (this.#ended === null && error instanceof RangeError) {
        this.#end("disposed");
        throw unusable(
          "its outputs must have a row for each sample, and a column for each class or at most 2^26 numbers of embeddings a batch: they are larger",
        );
      }
    } finally {
      clearTimeout(timer);
    }
    if (answer === null) throw await this.#epitaph(mostMs);
    const refused = answer.head.refused as
      | { readonly name: string; readonly message: string }
      | undefined;
    if (refused) throw this.#refusal(refused);
    return answer;
  }

  /** What the process said instead of an answer; of its words no more than text. */
  #refusal({ name, message }: { name: string; message: string }): Error {
    const text = String(message);
    if (name === "RangeError") {
      return new AppError("unusable_input", plain(text));
    }
    return OUT_OF_MEMORY_REGEXP.test(text)
      ? this.#tooMuchMemory()
      : unusable(`onnxruntime must be able to run it; it says: ${plain(text)}`);
  }

  /** Why there is no answer. */
  async #epitaph(mostMs: number): Promise<unknown> {
    if (this.#ended === null) {
      await Promise.race([
        this.#child.status,
        new Promise((resolve) => setTimeout(resolve, 1_000)),
      ]);
    }
    if (this.#ended === "abort") return this.#signal.reason;
    if (this.#ended === "memory") return this.#tooMuchMemory();
    if (this.#ended === "time") {
      return unusable(
        `loading it, and each batch, must take at most ${mostMs / 1000} s`,
      );
    }
    this.#end("disposed");
    const { signal, code } = await this.#child.status;
    return unusable(
      `it must not break the process that runs it, which ended ${
        signal ? `by ${signal}` : `with code ${code}`
      }, as it does where memory is short or a file is made to do harm`,
    );
  }

  #tooMuchMemory(): AppError {
    const { memoryBytes } = this.#limits;
    return unusable(
      `it must need at most ${Math.round(memoryBytes / MB)} MB of memory`,
    );
  }

  #end(why: Ended): void {
    this.#ended ??= why;
    clearInterval(this.#watch);
    this.#signal.removeEventListener("abort", this.#stop);
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended */ }
  }
}

function spawn(
  { driverEnvironment = {} }: ModelProcessOptions,
  localePath: string | null,
): Deno.ChildProcess {
  const runtime = new URL(import.meta.resolve("onnxruntime-node")).pathname;
  const packages = decodeURIComponent(runtime).match(/^(.*)\/npm\//)?.[1];
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--cached-only",
      "--frozen", // with the lock file, whose versions are all that a cache has for sure
      "--no-code-cache", // a file that it could not write any more
      "--allow-ffi",
      ...packages ? [`--allow-read=${packages}/npm`] : [],
      new URL("./model_child.ts", import.meta.url).href,
    ],
    clearEnv: true,
    env: {
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      ...packages ? { DENO_DIR: packages } : {},
      ...localePath ? { LOCPATH: localePath } : {},
      ...driverEnvironment,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    // where memory is short, the kernel takes this process first
    Deno.writeTextFileSync(`/proc/${child.pid}/oom_score_adj`, "1000");
  } catch { /* no Linux, or not allowed */ }
  return child;
}

function byteReader(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): (into: Uint8Array) => Promise<number | null> {
  const reader = stream.getReader({ mode: "byob" });
  let scratch = new Uint8Array(65_536);
  return async (into) => {
    const view = scratch.subarray(0, Math.min(scratch.length, into.length));
    const { value, done } = await reader.read(view);
    if (value) scratch = new Uint8Array(value.buffer);
    if (done || !value) return null;
    into.set(value);
    return value.length;
  };
}

/** The last characters of what it says, read to its end. */
async function endOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let end = "";
  const decoder = new TextDecoder();
  try {
    for await (const bytes of stream) {
      end = (end + decoder.decode(bytes, { stream: true })).slice(-400);
    }
  } catch { /* it was ended */ }
  return end;
}

/** Inputs or outputs as the process names them: it may have been taken over, so nothing is believed. */
function valuesOf(said: unknown): ModelValue[] {
  if (!Array.isArray(said) || said.length > 10_000) throw nonsense();
  return said.map(({ name, type, shape }) => ({
    name: String(name),
    type: String(type),
    shape: Array.from(
      shape as unknown[],
      (d) => typeof d === "number" ? d : String(d),
    ),
  }));
}

function outputsOf(
  said: unknown,
  names: readonly string[],
  values: Uint8Array<ArrayBuffer>,
): ModelOutput[] {
  if (!Array.isArray(said) || said.length !== names.length) throw nonsense();
  let at = 0;
  return said.map(({ shape: given }) => {
    const shape = Array.from(given as unknown[], Number);
    const n = shape.reduce((a, b) => a * b, 1);
    if (!(n >= 0 && at + n * 4 <= values.length)) throw nonsense();
    const data = new Float32Array(values.buffer, at, n);
    at += n * 4;
    return { data, shape };
  });
}

function nonsense(): AppError {
  return unusable("its process must answer what it was asked");
}

function unusable(why: string): AppError {
  return new AppError("unusable_input", `Cannot use model as ${why}`);
}

/** One line of text that PostgreSQL takes. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what is taken out
  return text.replace(/[\x00-\x1f\x7f]+/g, " ").slice(0, 400)
    .toWellFormed();
}
