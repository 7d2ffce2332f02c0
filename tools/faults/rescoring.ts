/**
 * What a person does with a scored run, by HTTP: says what is right of some samples, asks for another threshold, then for a stored model. Asked again
 * after an answer was lost, or by a process that was started again, it comes to the same: verdicts and jobs have keys.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { encodeGraph } from "../../gpu-worker/graphs/onnx.ts";
import { reached } from "./hook.ts";
import { LABEL_NAMES, N_FEATURES } from "./workload.ts";

/** Where a run is, and who asks. */
export interface Asking {
  readonly url: string;
  readonly apiKey: string;
}

/** Samples that the model takes at once: a run has several batches, the last of them not full. */
const BATCH = 16;
const PAUSE_MS = 200;

/** Scores a run again with verdicts and another threshold, and once more by a stored model; waits until both are done. */
export async function rescoreTwice(
  { runId, modelId, ...asking }: Asking & {
    readonly runId: string;
    readonly modelId: string;
  },
): Promise<void> {
  const verdicts = [3, 21, 40].map((i) => ({
    verdict_id: `${String(i).padStart(8, "0")}${runId.slice(8)}`,
    sample_id: `mail-${i}`,
    verdict: i === 40 ? "relabel" : "keep",
    ...i === 40 ? { label: LABEL_NAMES[0] } : {},
  }));
  await send(asking, "PUT", `runs/${runId}/verdicts`, { verdicts });
  const options = [
    { settings: { mislabeled: { min_probability: 0.4 } } },
    { model_id: modelId },
  ];
  for (const [i, asked] of options.entries()) {
    const { job_id } = await send(
      asking,
      "POST",
      "jobs",
      { job_kind: "rescore_run", run_ids: [runId], ...asked },
      { "idempotency-key": `${runId} ${i}` },
    );
    await reached("client_rescoring", `${runId} ${job_id}`);
    while (true) {
      const job = await send(asking, "GET", `jobs/${job_id}`);
      if (job.state === "succeeded") break;
      if (job.error) throw new Error(`Job ${job_id}: ${job.error}`);
      await delay(PAUSE_MS);
    }
  }
}

/** Stores a small model: the class of the largest feature, whatever is in the last. */
export async function storeModel(
  asking: Asking,
  projectId: string,
): Promise<string> {
  const modelId = crypto.randomUUID();
  const nClasses = LABEL_NAMES.length;
  const bytes = encodeGraph({
    name: "faults",
    inputs: { x: [BATCH, N_FEATURES] },
    outputs: { logits: [BATCH, nClasses], embedding: [BATCH, N_FEATURES] },
    initializers: {
      w: {
        data: Float32Array.from(
          { length: N_FEATURES * nClasses },
          (_, i) => Math.floor(i / nClasses) === i % nClasses ? 3 : -0.5,
        ),
        shape: [N_FEATURES, nClasses],
      },
    },
    nodes: [
      ["MatMul", ["x", "w"], "logits"],
      ["Identity", ["x"], "embedding"],
    ],
  });
  const path = `models/${modelId}`;
  await send(asking, "PUT", path, {
    project_id: projectId,
    name: "faults",
    input_kind: "features",
    class_names: LABEL_NAMES,
  });
  await send(asking, "PUT", `${path}/bytes`, new Uint8Array(bytes), {
    "content-type": "application/octet-stream",
  });
  return modelId;
}

/** Sends a request, again while nobody answers it. */
async function send(
  { url, apiKey }: Asking,
  method: string,
  path: string,
  body?: object | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Record<string, string>> {
  while (true) {
    let response: Response | null = null;
    try {
      response = await fetch(`${url}/functions/v1/api/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          "content-type": "application/json",
          ...headers,
        },
        ...body === undefined
          ? {}
          : { body: body instanceof Uint8Array ? body : JSON.stringify(body) },
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      if (response.status < 500 && response.status !== 429) {
        throw new RangeError(`${method} ${path}: ${response.status} ${text}`);
      }
    } catch (error) {
      if (error instanceof RangeError) throw error;
      // nobody was there, or ended in the midst of the answer
    }
    await delay(PAUSE_MS);
  }
}
