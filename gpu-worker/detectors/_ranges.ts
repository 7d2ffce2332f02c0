import { SIGNATURE_LENGTH } from "../signals/text_signature.ts";
import type { SplitRange } from "./detector.ts";
import type { SplitInputs } from "./score_types.ts";

/** Rows of each split, one after the other; throws a RangeError if arrays of a split differ in length. */
export function rangesOf(splits: readonly SplitInputs[]): SplitRange[] {
  let end = 0;
  return splits.map(({ split, isOutOfSample, dynamics, ...rest }) => {
    const n = dynamics.nSamples;
    const lengths = {
      embeddings: rest.embeddings?.rows,
      contentHashes: rest.contentHashes?.length,
      textSignatures: rest.textSignatures &&
        rest.textSignatures.length / SIGNATURE_LENGTH,
      sampleIds: rest.sampleIds?.length,
    };
    for (const [name, length] of Object.entries(lengths)) {
      if (length !== undefined && length !== null && length !== n) {
        throw new RangeError(
          `Cannot score split "${split}" as ${name} must have ${n} rows: current value is ${length}`,
        );
      }
    }
    const start = end;
    end += n;
    const { epochs, accuracy } = dynamics;
    return { split, start, end, isOutOfSample, epochs, accuracy };
  });
}
