/**
 * Raw samples to views: text, images and features as arrays that no training has shaped.
 *
 * @module
 */
import {
  type EncodedViews,
  type EncodeViewsOptions,
  ViewEncoder,
  type ViewSamples,
} from "./view_encoder.ts";

export {
  type EncodingKind,
  type Encodings,
  EncodingShelf,
} from "./encoding_shelf.ts";
export type { TokenTables } from "./text_views.ts";
export {
  type EncodedViews,
  type EncodeViewsOptions,
  MOST_TEXT_LENGTH,
  ViewEncoder,
  type ViewSamples,
} from "./view_encoder.ts";

/**
 * Views of samples that are all in memory.
 *
 * @param samples What they hold, (n,).
 * @param options Models, budget, device.
 *
 * @example
 * ```ts
 * import { encodeViews } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const { views } = await encodeViews({
 *   texts: [null, null],
 *   images: [null, null],
 *   features: [[1, 2], [3, 4]],
 * });
 * assert.deepEqual(views.map(({ name }) => name), ["columns"]);
 * ```
 */
export async function encodeViews(
  samples: ViewSamples,
  options: EncodeViewsOptions = {},
): Promise<EncodedViews> {
  const encoder = new ViewEncoder(options);
  try {
    await encoder.add(samples);
    return await encoder.finish();
  } finally {
    await encoder.release();
  }
}
