/** Says how many of the images whose URI was logged were fetched: another day their hosts may give others. */
export function fetchedNote(nFetched: number, nUris: number): string {
  return `Images fetched by their URI: ${nFetched} of ${nUris}`;
}

/** Says that a run is scored without the outputs it logged. */
export const NO_USABLE_OUTPUT_NOTE =
  "Outputs were logged, but none could be used: samples are scored by what they hold alone";
