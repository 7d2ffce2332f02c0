/** Says that images were left out as only their place is known. */
export function imageUriNote(n: number): string {
  return n === 1
    ? "1 image is a URI, and URIs are not fetched: log its bytes"
    : `${n} images are URIs, and URIs are not fetched: log their bytes`;
}

/** Says that a run is scored without the outputs it logged. */
export const NO_USABLE_OUTPUT_NOTE =
  "Outputs were logged, but none could be used: samples are scored by what they hold alone";
