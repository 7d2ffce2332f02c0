/** Side of the square that images are measured at. */
export const FACT_SIDE = 256;

/** What can be measured of an image by eye. */
export interface ImageFacts {
  /** Mean luminance, [0, 1]. */
  readonly luminance: number;
  /** Standard deviation of luminance, [0, 0.5]. */
  readonly contrast: number;
  /** Variance of the Laplacian of luminance, [0, 16]; low is blurred. */
  readonly sharpness: number;
}

/** Weights of red, green and blue: ITU-R BT.709, of values as they are stored. */
const WEIGHTS = [0.2126, 0.7152, 0.0722] as const;

/**
 * Luminance of each pixel.
 *
 * @param pixels RGB in 0..255, (n * 3,).
 * @returns In [0, 1], (n,).
 *
 * @example
 * ```ts
 * import { luminanceOf } from "./image_facts.ts";
 * import assert from "node:assert/strict";
 *
 * const [black, white] = luminanceOf(Uint8Array.of(0, 0, 0, 255, 255, 255));
 * assert.equal(black, 0);
 * assert.ok(Math.abs(white! - 1) < 1e-6);
 * ```
 */
export function luminanceOf(pixels: Uint8Array): Float32Array {
  const [red, green, blue] = WEIGHTS;
  const found = new Float32Array(pixels.length / 3);
  for (let i = 0; i < found.length; i++) {
    const at = i * 3;
    found[i] =
      (red * pixels[at]! + green * pixels[at + 1]! + blue * pixels[at + 2]!) /
      255;
  }
  return found;
}

/**
 * Brightness, contrast and sharpness of an image.
 *
 * Source of the sharpness: Pech-Pacheco, Cristóbal, Chamorro-Martínez and Fernández-Valdivia (2000), Diatom autofocusing in brightfield
 * microscopy: a comparative study, ICPR, LAP4: the Laplacian is the sum of the four neighbours less four times the pixel, of all pixels that
 * have four.
 *
 * @param luminance Of a square of pixels, row after row, (side * side,).
 * @param side At least 3; default {@linkcode FACT_SIDE}.
 *
 * @example
 * ```ts
 * import { imageFacts } from "./image_facts.ts";
 * import assert from "node:assert/strict";
 *
 * const grey = new Float32Array(16).fill(0.5);
 * assert.deepEqual(imageFacts(grey, 4), { luminance: 0.5, contrast: 0, sharpness: 0 });
 * ```
 */
export function imageFacts(
  luminance: Float32Array,
  side: number = FACT_SIDE,
): ImageFacts {
  const laplacian = new Float32Array((side - 2) ** 2);
  let n = 0;
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const at = y * side + x;
      laplacian[n++] = luminance[at - side]! + luminance[at + side]! +
        luminance[at - 1]! + luminance[at + 1]! - 4 * luminance[at]!;
    }
  }
  const [mean, variance] = momentsOf(luminance);
  return {
    luminance: mean,
    contrast: Math.sqrt(variance),
    sharpness: momentsOf(laplacian)[1],
  };
}

function momentsOf(values: Float32Array): [mean: number, variance: number] {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return [mean, squares / values.length];
}
