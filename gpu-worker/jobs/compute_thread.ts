import { AppError, type ErrorCode } from "@shared/errors.ts";

/** What a thread can be asked for: functions of one plain value, by name. */
// deno-lint-ignore no-explicit-any -- each with its own request and answer
export type ThreadProgram = Record<string, (request: any) => unknown>;

/** A request to a thread. */
export interface ThreadRequest {
  readonly name: string;
  readonly request: unknown;
}

/** What a thread says; after `answer` and `error` it waits for the next request. */
export type ThreadMessage =
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "answer"; readonly answer: unknown }
  | {
    readonly kind: "error";
    readonly name: string;
    readonly message: string;
    readonly stack: string;
    /** Of an `AppError`. */
    readonly code?: ErrorCode;
  };

/** How a request is sent. */
export interface CallOptions {
  /** Called with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  /** Buffers of the request that are given away; what else it holds is copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

/**
 * A thread of its own for what blocks: `run()` of onnxruntime does, and the intake and the heartbeat must not stand still.
 *
 * One request at a time. What a thread keeps between requests is its own; `using` ends it.
 */
export class ComputeThread<Program extends ThreadProgram>
  implements Disposable {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  readonly #ended = Promise.withResolvers<never>();

  /**
   * @param module What runs there; it calls `serveThread()`.
   * @param signal Ends what is asked at once.
   */
  constructor(module: URL, signal: AbortSignal) {
    signal.throwIfAborted();
    this.#worker = new Worker(module, { type: "module" });
    this.#signal = signal;
    this.#ended.promise.catch(() => {}); // it may end between two requests
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#ended.reject(
        new Error(`The compute thread ended: ${event.message}`),
      );
    };
  }

  /**
   * Asks for one thing.
   *
   * @throws The reason of the signal, or what the thread threw.
   */
  call<Name extends keyof Program & string>(
    name: Name,
    request: Parameters<Program[Name]>[0],
    { onProgress, transfer = [] }: CallOptions = {},
  ): Promise<Awaited<ReturnType<Program[Name]>>> {
    const worker = this.#worker;
    const signal = this.#signal;
    const { promise, resolve, reject } = Promise.withResolvers<
      Awaited<ReturnType<Program[Name]>>
    >();
    if (signal.aborted) return Promise.reject(signal.reason);
    const stop = () => {
      worker.terminate();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    worker.onmessage = ({ data }: MessageEvent<ThreadMessage>) => {
      if (data.kind === "progress") return onProgress?.(data.fraction);
      if (data.kind === "answer") return resolve(data.answer as never);
      const { code, name, message, stack } = data;
      const error = code ? new AppError(code, message) : new Error(message);
      reject(Object.assign(error, { name, stack }));
    };
    worker.postMessage(
      { name, request } satisfies ThreadRequest,
      [...transfer],
    );
    return Promise.race([promise, this.#ended.promise]).finally(() =>
      signal.removeEventListener("abort", stop)
    );
  }

  /** Ends the thread, whatever it does. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
