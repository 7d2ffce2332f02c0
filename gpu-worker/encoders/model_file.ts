const MOST_BYTES = 2 ** 31;

/** Default encoders: files of this repository. */
export const DEFAULT_MODELS = {
  text: new URL("./models/use_lite_int8w.onnx", import.meta.url).href,
  vocabulary: new URL("./models/use_lite_vocab.json", import.meta.url).href,
  image: new URL("./models/mnv3_embed.onnx", import.meta.url).href,
} as const;

/**
 * Bytes of a model.
 *
 * @param place Path of a file, or a `file:` or `https:` URL; only the operator may choose it.
 * @param signal Ends a download.
 * @param mostBytes A download may have; default 2 GiB.
 * @throws {RangeError} If it is another kind of URL, or the answer is no file or has more bytes.
 * @throws {Deno.errors.NotFound} If there is no such file.
 *
 * @example
 * ```ts
 * import { DEFAULT_MODELS, readModel } from "./model_file.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok((await readModel(DEFAULT_MODELS.vocabulary)).length > 100_000);
 * ```
 */
export async function readModel(
  place: string,
  signal?: AbortSignal,
  mostBytes: number = MOST_BYTES,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(place)) return await Deno.readFile(place);
  if (place.startsWith("file:")) return await Deno.readFile(new URL(place));
  if (!place.startsWith("https:")) {
    throw new RangeError(
      `Cannot read model as its place must be a path or an https URL: current value is "${place}"`,
    );
  }
  const response = await fetch(place, { signal: signal ?? null });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new RangeError(
      `Cannot read model as "${place}" must be a file: current value is status ${response.status}`,
    );
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > mostBytes) {
      throw new RangeError(
        `Cannot read model as "${place}" must have at most ${mostBytes} bytes: current value is more`,
      );
    }
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/**
 * Place of the vocabulary of a text encoder: beside it, `.vocab.json` instead of `.onnx`.
 *
 * @param place Path or URL of the encoder.
 *
 * @example
 * ```ts
 * import { vocabularyOf } from "./model_file.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(vocabularyOf("/models/e5.onnx"), "/models/e5.vocab.json");
 * ```
 */
export function vocabularyOf(place: string): string {
  return place === DEFAULT_MODELS.text
    ? DEFAULT_MODELS.vocabulary
    : place.replace(/(\.onnx)?(\?.*)?$/, ".vocab.json$2");
}

/**
 * Reads each model once, and gives it again.
 *
 * @param read How to read one.
 *
 * @example
 * ```ts
 * import { DEFAULT_MODELS, rememberModels } from "./model_file.ts";
 * import assert from "node:assert/strict";
 *
 * const read = rememberModels();
 * assert.equal(await read(DEFAULT_MODELS.vocabulary), await read(DEFAULT_MODELS.vocabulary));
 * ```
 */
export function rememberModels(
  read: typeof readModel = readModel,
): typeof readModel {
  const models = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  return (place, signal, mostBytes) => {
    const model = models.get(place) ?? read(place, signal, mostBytes);
    models.set(place, model);
    return model;
  };
}
