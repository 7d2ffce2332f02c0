// deno-lint-ignore-file camelcase
import { AssayError } from "./error.ts";
import { modelBody } from "./model_body.ts";
import { readModel, sha256Of } from "./model_bytes.ts";
import type { Model, ModelOptions, ModelSource } from "./model_types.ts";
import { ownProject } from "./project.ts";
import { findServer } from "./server.ts";
import { type UploadPlace, uploadToStorage } from "./storage_upload.ts";
import { Transport } from "./transport.ts";

/** Sent through the API in one request; more goes to Storage in pieces. */
const MOST_AT_ONCE = 8_000_000;
/** How often a piecewise upload is begun anew where Storage does not know it any more. */
const MOST_STARTS = 3;

/**
 * Stores an ONNX model, so that `rescore()` can run it over the samples of a run again, on the worker's device. Needs a key of scope
 * `admin`. What does not fit is found when it is run: the job says what.
 *
 * After a broken connection it goes on by itself, where it was. A call that failed all the same, or was ended by its signal, leaves
 * nothing but a model without bytes, which is removed after a day; made again with the same `modelId` it makes no second one.
 *
 * @param model The ONNX file: one input, all tensors in the file, at most 256 MiB.
 * @param options What it is; and the server, found by itself if one runs on this machine.
 * @returns The stored model.
 * @throws {RangeError} If the server could only refuse it; nothing is sent.
 * @throws {AssayError} If the server refuses it, with the reason, or cannot be reached for two minutes.
 * @throws The reason of `options.signal`.
 *
 * @example
 * ```ts ignore
 * const model = await uploadModel("net.onnx", {
 *   inputKind: "image",
 *   classNames: ["cat", "dog"],
 *   preprocessing: { width: 224, height: 224 },
 * });
 * await (await rescore([runId], { modelId: model })).wait();
 * ```
 */
export async function uploadModel(
  model: ModelSource,
  options: ModelOptions,
): Promise<Model> {
  const { signal, onProgress, modelId = crypto.randomUUID() } = options;
  modelBody(options); // what is wrong is said before a large file is read
  const { bytes, fileName } = await readModel(model, signal);
  const body = modelBody(options, fileName);
  const transport = new Transport(await findServer(options));
  const path = `api/v1/models/${modelId}`;
  const projectId = options.projectId ?? await ownProject(transport, signal);
  await transport.send({
    method: "PUT",
    path,
    body: { project_id: projectId, ...body },
    signal,
  });
  const onSent = (sentBytes: number) =>
    onProgress?.({ sentBytes, sizeBytes: bytes.length });
  onSent(0);
  const upload = { transport, path, bytes, onSent, signal };
  const stored = bytes.length > MOST_AT_ONCE
    ? await sendInPieces(upload, options.modelId !== undefined)
    : await transport.send<Model>({
      method: "PUT",
      path: `${path}/bytes`,
      bytes,
      headers: { "content-type": "application/octet-stream" },
      signal,
    });
  onSent(bytes.length);
  return stored;
}

interface Upload {
  readonly transport: Transport;
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly onSent: (sentBytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function sendInPieces(
  { transport, path, bytes, onSent, signal }: Upload,
  mayBeThere: boolean,
): Promise<Model> {
  const body = { size_bytes: bytes.length, sha256: await sha256Of(bytes) };
  const post = <T>(step: "sign" | "complete") =>
    transport.send<T>({
      method: "POST",
      path: `${path}/${step}`,
      body,
      signal,
    });
  for (let start = 1;; start++) {
    if (mayBeThere) {
      try {
        return await post<Model>("complete");
      } catch (error) {
        const isMissing = error instanceof AssayError &&
          error.code === "conflict";
        if (!isMissing || start > MOST_STARTS) throw error;
      }
    }
    const place = await post<UploadPlace | Model>("sign");
    if ("sha256" in place) return place; // it was stored before
    const { giveUpMs } = transport;
    await uploadToStorage(place, bytes, { giveUpMs, signal, onSent });
    mayBeThere = true; // also where another upload was faster
  }
}
