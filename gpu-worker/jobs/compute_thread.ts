import type {
  ScoreInputs,
  ScoreOptions,
  ScoreResult,
} from "../detectors/score_types.ts";

/** A request to the thread. */
export interface ComputeRequest {
  readonly inputs: ScoreInputs;
  readonly device: NonNullable<ScoreOptions["device"]>;
}

/** What the thread says. */
export type ComputeAnswer =
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "result"; readonly result: ScoreResult }
  | {
    readonly kind: "error";
    readonly name: string;
    readonly message: string;
    readonly stack: string;
  };

/**
 * Scores in a thread of its own: `run()` of onnxruntime blocks, and the intake and the heartbeat must not stand still.
 *
 * @param request What to score; its arrays are copied.
 * @param onProgress Called with the share done, in (0, 1].
 * @param signal Ends the thread at once.
 * @throws The reason of `signal`, or what the thread threw.
 */
export function scoreInThread(
  request: ComputeRequest,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<ScoreResult> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./compute_worker.ts", import.meta.url), {
    type: "module",
  });
  return new Promise<ScoreResult>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), {
      once: true,
    });
    worker.onmessage = ({ data }: MessageEvent<ComputeAnswer>) => {
      if (data.kind === "progress") return onProgress(data.fraction);
      if (data.kind === "result") return resolve(data.result);
      const error = new Error(data.message);
      [error.name, error.stack] = [data.name, data.stack];
      reject(error);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`The compute thread ended: ${event.message}`));
    };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
