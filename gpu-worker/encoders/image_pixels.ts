import { loadSharp, MOST_PIXELS, MOST_SECONDS, type Sharp } from "./_sharp.ts";
import { FACT_SIDE } from "./image_facts.ts";

/** An image that was decoded. */
export interface DecodedImage {
  /** RGB in 0..255 of the image stretched to a square, row after row, (256 * 256 * 3,). */
  readonly pixels: Uint8Array;
  /** Width of the image, in pixels, as it is looked at. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
}

/** Images decoded at a time where no number of threads is set. */
const DECODERS = 2;
/**
 * Pixels of images: turned as their EXIF says, laid on white, stretched to 256 × 256; of an animation the first frame counts.
 *
 * @param images Files as bytes, (n).
 * @param threads Images decoded at a time: one may take 4 bytes a pixel until it is small.
 * @returns (n); null for one that cannot be decoded: no JPEG, PNG, WebP or GIF, damaged, or above 2^26 pixels.
 *
 * @example
 * ```ts
 * import { decodeImages } from "./image_pixels.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(await decodeImages([Uint8Array.of(1, 2, 3)]), [null]);
 * ```
 */
export async function decodeImages(
  images: readonly Uint8Array[],
  threads: number = DECODERS,
): Promise<(DecodedImage | null)[]> {
  const sharp = await loadSharp();
  const found = images.map((): DecodedImage | null => null);
  const waiting = images.entries();
  await Promise.all(Array.from({ length: threads }, async () => {
    for (const [i, image] of waiting) found[i] = await decode(sharp, image);
  }));
  return found;
}

async function decode(
  sharp: Sharp,
  image: Uint8Array,
): Promise<DecodedImage | null> {
  try {
    const file = sharp(image, {
      failOn: "error",
      limitInputPixels: MOST_PIXELS,
    });
    const { autoOrient } = await file.metadata();
    const pixels = await file
      .autoOrient()
      .flatten({ background: "#fff" })
      .resize(FACT_SIDE, FACT_SIDE, { fit: "fill" })
      .toColourspace("srgb")
      .timeout({ seconds: MOST_SECONDS })
      .raw()
      .toBuffer();
    return { pixels, width: autoOrient.width, height: autoOrient.height };
  } catch {
    return null; // what is wrong with it is the decoder's business
  }
}
