/** Larger ones are refused before they are decoded: a few bytes can claim to be gigabytes. */
export const MOST_PIXELS = 2 ** 26;
/** Longest time of one image. */
export const MOST_SECONDS = 20;
/** Decoders that bytes may reach; all others, such as SVG and TIFF, are shut. */
const LOADERS = ["Jpeg", "Png", "Webp", "Nsgif"];

/** The decoder. */
export type Sharp = typeof import("sharp").default;

let loaded: Promise<Sharp> | undefined;

/**
 * Loads the decoder, with most of its doors shut; 30 MB that a worker without images never loads.
 *
 * @returns The decoder, the same at each call.
 */
export function loadSharp(): Promise<Sharp> {
  return loaded ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({
      operation: LOADERS.map((name) => `VipsForeignLoad${name}Buffer`),
    });
    return sharp;
  });
}
