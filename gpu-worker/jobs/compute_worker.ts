/**
 * The compute thread: one request, then it is ended by whoever asked.
 *
 * @module
 */
import { scoreDataset } from "../detectors/score_dataset.ts";
import type { ComputeAnswer, ComputeRequest } from "./compute_thread.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ComputeRequest>) => void;
  postMessage(answer: ComputeAnswer): void;
};

scope.onmessage = async ({ data: { inputs, device } }) => {
  try {
    const result = await scoreDataset(inputs, {
      device,
      onProgress: (fraction) =>
        scope.postMessage({ kind: "progress", fraction }),
    });
    scope.postMessage({ kind: "result", result });
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    scope.postMessage({ kind: "error", name, message, stack });
  }
};
