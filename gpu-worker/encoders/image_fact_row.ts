import type { ContentFacts } from "../signals/content_facts.ts";
import { imageFacts, luminanceOf } from "./image_facts.ts";
import { imageHash } from "./image_hash.ts";
import type { DecodedImage } from "./image_pixels.ts";

/** What is measured of an image, in the order it is kept in; its hash follows as four numbers of 16 bits, the highest first. */
const FACTS = [
  "image_width",
  "image_height",
  "image_luminance",
  "image_contrast",
  "image_sharpness",
] as const;
const HASH_WORDS = 4;

/**
 * Facts and hash of an image as one row of numbers: what is kept of it.
 *
 * @param image As decoded.
 *
 * @example See {@linkcode imageColumns}.
 */
export function imageFactRow(
  { pixels, width, height }: DecodedImage,
): Float32Array {
  const luminance = luminanceOf(pixels);
  const { contrast, sharpness, luminance: mean } = imageFacts(luminance);
  const words = imageHash(luminance).flatMap((w) => [w >>> 16, w & 0xffff]);
  return Float32Array.of(width, height, mean, contrast, sharpness, ...words);
}

/**
 * Facts of images as columns, and their hashes.
 *
 * @param rows By {@linkcode imageFactRow}, null without, (n).
 * @returns Null if no row has any.
 *
 * @example
 * ```ts
 * import { imageColumns, imageFactRow } from "./image_fact_row.ts";
 * import assert from "node:assert/strict";
 *
 * const black = { pixels: new Uint8Array(256 * 256 * 3), width: 640, height: 480 };
 * const columns = imageColumns([null, imageFactRow(black)]);
 * assert.deepEqual(columns!.facts.image_width, Float32Array.of(NaN, 640));
 * assert.deepEqual(columns!.imageHashes, new Uint32Array(4));
 * ```
 */
export function imageColumns(
  rows: readonly (Float32Array | null)[],
): { facts: ContentFacts; imageHashes: Uint32Array<ArrayBuffer> } | null {
  if (rows.every((row) => row === null)) return null;
  const facts = Object.fromEntries(
    FACTS.map((name, f) => [
      name,
      Float32Array.from(rows, (row) => row?.[f] ?? NaN),
    ]),
  );
  const imageHashes = new Uint32Array(rows.length * 2);
  rows.forEach((row, i) => {
    if (!row) return;
    const [a, b, c, d] = row.subarray(
      FACTS.length,
      FACTS.length + HASH_WORDS,
    );
    imageHashes.set(
      [(a! * 2 ** 16 + b!) >>> 0, (c! * 2 ** 16 + d!) >>> 0],
      i * 2,
    );
  });
  return { facts, imageHashes };
}

/** Pixels of the image that a row is of. */
export function pixelsOf(row: Float32Array): number {
  return row[0]! * row[1]!;
}
