/** Says how many of the images whose URI was logged were fetched: another day their hosts may give others. */
export function fetchedNote(nFetched: number, nUris: number): string {
  return `Images fetched by their URI: ${nFetched} of ${nUris}`;
}

/** Says that images whose URI was logged give no second opinion: a model has seen the files as they were. */
export function notFetchedNote(nUris: number): string {
  return `Images logged by their URI, which are not fetched for a run with outputs: ${nUris}. Logged as bytes they would count`;
}

/** Says that a run is scored without the outputs it logged. */
export const NO_USABLE_OUTPUT_NOTE =
  "Outputs were logged, but none could be used: samples are scored by what they hold alone";

/** Says that a run has outputs alone to be scored by, though its samples hold something. */
export const NO_VIEW_NOTE =
  "Labels were judged by the model alone: nothing of what the samples hold can be compared";

/** Says that outputs are those of a stored model, and whose embeddings neighbours are found by; `leftOut`: why not by the model's. */
export function modelNotes(
  name: string,
  hasEmbedding: boolean,
  leftOut: string | null,
): string[] {
  return [
    `Scored by the stored model "${name}", which was run over the samples again`,
    ...hasEmbedding
      ? []
      : leftOut === null
      ? ["The model gives no embeddings: any that the run logged are used"]
      : [
        `The model's embeddings were left out, and any that the run logged are used: ${leftOut}`,
      ],
  ];
}
