import { openSession, type SessionOptions } from "../graphs/session.ts";
import { FACT_SIDE } from "./image_facts.ts";
import { decodeImages } from "./image_pixels.ts";
import type { EncodeOptions } from "./text_encoder.ts";

/** Side of the square that images are brought to. */
const SIDE = FACT_SIDE / 2;
const BATCH = 16;

/** An image encoder, open. */
export interface ImageEncoderSession {
  /**
   * One vector for each image; null for one that cannot be decoded: no JPEG, PNG, WebP or GIF, damaged, or above 2^26 pixels.
   *
   * @param images Files as bytes, (n).
   * @returns (n) vectors of one width.
   */
  encode(
    images: readonly Uint8Array[],
    options?: EncodeOptions,
  ): Promise<(Float32Array | null)[]>;
  /**
   * One vector for each decoded image.
   *
   * @param pixels Of `decodeImages`, (n).
   * @returns (n) vectors of one width.
   */
  encodePixels(pixels: readonly Uint8Array[]): Promise<Float32Array[]>;
  /** Frees native memory. */
  release(): Promise<void>;
}

/**
 * Opens an image encoder.
 *
 * Contract of the ONNX file: input `image`, float32 (b, 128, 128, 3), RGB in 0..255 → `embedding`, float32 (b, width). Images are turned as their
 * EXIF says, laid on white, and stretched to 256 × 256, of which each 2 × 2 become one; of an animation the first frame counts. Deterministic for a
 * device.
 *
 * @param model The ONNX file.
 * @param options Device and threads.
 * @throws {Error} If the file cannot be loaded.
 *
 * @example
 * ```ts
 * import { encodeGraph } from "../graphs/onnx.ts";
 * import { openImageEncoder } from "./image_encoder.ts";
 * import assert from "node:assert/strict";
 *
 * const encoder = await openImageEncoder(encodeGraph({
 *   name: "mean_color",
 *   inputs: { image: ["b", 128, 128, 3] },
 *   outputs: { embedding: ["b", 3] },
 *   nodes: [["ReduceMean", ["image"], "embedding", { axes: [1, 2], keepdims: 0 }]],
 * }));
 * assert.deepEqual(await encoder.encode([Uint8Array.of(1, 2, 3)]), [null]);
 * await encoder.release();
 * ```
 */
export async function openImageEncoder(
  model: Uint8Array,
  options: SessionOptions = {},
): Promise<ImageEncoderSession> {
  const session = await openSession(model, options);

  async function encodeBatch(
    pixels: readonly Uint8Array[],
  ): Promise<Float32Array[]> {
    const b = pixels.length;
    const size = SIDE * SIDE * 3;
    const data = new Float32Array(b * size);
    pixels.forEach((image, i) =>
      halve(image, data.subarray(i * size, (i + 1) * size))
    );
    const { embedding } = await session.run({
      image: { data, shape: [b, SIDE, SIDE, 3] },
    });
    const [rows, width] = embedding?.shape ?? [];
    if (rows !== b || !width || !(embedding!.data instanceof Float32Array)) {
      throw new RangeError(
        `Cannot encode images as the model's output "embedding" must be float32 (${b}, width): current value is (${
          embedding?.shape ?? "none"
        })`,
      );
    }
    const vectors = embedding!.data;
    return pixels.map((_, i) => vectors.slice(i * width, (i + 1) * width));
  }

  async function encodePixels(
    pixels: readonly Uint8Array[],
  ): Promise<Float32Array[]> {
    const found: Float32Array[] = [];
    for (let start = 0; start < pixels.length; start += BATCH) {
      found.push(...await encodeBatch(pixels.slice(start, start + BATCH)));
    }
    return found;
  }

  return {
    async encode(images, { onProgress, signal } = {}) {
      const found: (Float32Array | null)[] = [];
      for (let start = 0; start < images.length; start += BATCH) {
        signal?.throwIfAborted();
        const files = images.slice(start, start + BATCH);
        const decoded = await decodeImages(files, options.threads);
        const vectors = await encodePixels(
          decoded.flatMap((image) => image ? [image.pixels] : []),
        );
        const next = vectors.values();
        found.push(
          ...decoded.map((image) => image && next.next().value!),
        );
        onProgress?.(Math.min(1, (start + BATCH) / images.length));
      }
      return found;
    },
    encodePixels,
    release: () => session.release(),
  };
}

/** Means of 2 × 2 pixels: (256 * 256 * 3,) to (128 * 128 * 3,). */
function halve(pixels: Uint8Array, half: Float32Array): void {
  const row = FACT_SIDE * 3;
  let to = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const from = 2 * (y * row + x * 3);
      for (let c = from; c < from + 3; c++) {
        half[to++] = (pixels[c]! + pixels[c + 3]! + pixels[c + row]! +
          pixels[c + row + 3]!) / 4;
      }
    }
  }
}
