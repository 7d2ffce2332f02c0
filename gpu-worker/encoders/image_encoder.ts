import { openSession, type SessionOptions } from "../graphs/session.ts";
import type { EncodeOptions } from "./text_encoder.ts";

/** Side of the square that images are brought to. */
const SIDE = 128;
const BATCH = 16;
/** Larger ones are refused before they are decoded: a few bytes can claim to be gigabytes. */
const MOST_PIXELS = 2 ** 26;
const MOST_SECONDS = 20;
/** Images decoded at a time where no number of threads is set. */
const DECODERS = 2;
/** Decoders that bytes may reach; all others, such as SVG and TIFF, are shut. */
const LOADERS = ["Jpeg", "Png", "Webp", "Nsgif"];

type Sharp = typeof import("sharp").default;

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
  /** Frees native memory. */
  release(): Promise<void>;
}

/**
 * Opens an image encoder.
 *
 * Contract of the ONNX file: input `image`, float32 (b, 128, 128, 3), RGB in 0..255 → `embedding`, float32 (b, width). Images are turned as their
 * EXIF says, laid on white, and stretched to 128 × 128; of an animation the first frame counts. Deterministic for a device.
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
  const sharp = await loadSharp();
  const session = await openSession(model, options);

  async function encodeBatch(
    pixels: readonly Uint8Array[],
  ): Promise<Float32Array[]> {
    const b = pixels.length;
    const size = SIDE * SIDE * 3;
    const data = new Float32Array(b * size);
    pixels.forEach((image, i) => data.set(image, i * size));
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

  return {
    async encode(images, { onProgress, signal } = {}) {
      const found: (Float32Array | null)[] = images.map(() => null);
      for (let start = 0; start < images.length; start += BATCH) {
        signal?.throwIfAborted();
        const pixels = await decode(
          sharp,
          images.slice(start, start + BATCH),
          options.threads ?? DECODERS,
        );
        const rows = [...pixels.keys()].filter((i) => pixels[i] !== null);
        if (rows.length > 0) {
          const vectors = await encodeBatch(rows.map((i) => pixels[i]!));
          rows.forEach((row, i) => found[start + row] = vectors[i]!);
        }
        onProgress?.(Math.min(1, (start + BATCH) / images.length));
      }
      return found;
    },
    release: () => session.release(),
  };
}

/** The decoder, with most of its doors shut; 30 MB that a worker without images never loads. */
async function loadSharp(): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({
    operation: LOADERS.map((name) => `VipsForeignLoad${name}Buffer`),
  });
  return sharp;
}

/** Pixels of images, as many at a time as there are threads: one may take 4 bytes a pixel until it is small. */
async function decode(
  sharp: Sharp,
  images: readonly Uint8Array[],
  threads: number,
): Promise<(Uint8Array | null)[]> {
  const pixels = images.map((): Uint8Array | null => null);
  const waiting = images.entries();
  await Promise.all(Array.from({ length: threads }, async () => {
    for (const [i, image] of waiting) pixels[i] = await pixelsOf(sharp, image);
  }));
  return pixels;
}

/** RGB of an image, (128 * 128 * 3,); null where it cannot be decoded. */
async function pixelsOf(
  sharp: Sharp,
  image: Uint8Array,
): Promise<Uint8Array | null> {
  try {
    return await sharp(image, {
      failOn: "error",
      limitInputPixels: MOST_PIXELS,
    })
      .autoOrient()
      .flatten({ background: "#fff" })
      .resize(SIDE, SIDE, { fit: "fill" })
      .toColourspace("srgb")
      .timeout({ seconds: MOST_SECONDS })
      .raw()
      .toBuffer();
  } catch {
    return null; // what is wrong with it is the decoder's business
  }
}
