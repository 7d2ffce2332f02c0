import type { RunSignals } from "../codecs/signals_file.ts";
import type { RunViews } from "../codecs/views_file.ts";
import type { ScoreInputs, SplitInputs } from "../detectors/score_types.ts";
import type { ContentFacts } from "../signals/content_facts.ts";

/**
 * A run as the engine sees it: what stage `fold` knows of each split, with its rows of what stage `encode` saw.
 *
 * @param folded Splits in order.
 * @param seen Arrays over the samples of all splits, one split after the other.
 */
export function scoreInputs(
  { labelNames, splits }: RunSignals,
  { views, facts, imageHashes }: RunViews,
): ScoreInputs {
  let end = 0;
  return {
    labelNames,
    splits: splits.map((split) => {
      const rows = split.sampleIds.length;
      const start = end;
      end += rows;
      return {
        split: split.split,
        isOutOfSample: split.isOutOfSample,
        dynamics: split.dynamics,
        embeddings: split.embeddings && {
          data: split.embeddings,
          rows,
          cols: split.width,
        },
        views: views.map(({ name, features: { data, cols } }) => ({
          name,
          features: {
            data: data.subarray(start * cols, end * cols),
            rows,
            cols,
          },
        })),
        ...factsBetween(split.facts, facts, start, end),
        ...imageHashes &&
          { imageHashes: imageHashes.subarray(start * 2, end * 2) },
        contentHashes: split.contentHashes,
        textSignatures: split.textSignatures,
        sampleIds: split.sampleIds,
      };
    }),
  };
}

/** Of texts and features, and of images. */
function factsBetween(
  ofSplit: ContentFacts | undefined,
  seen: ContentFacts | undefined,
  start: number,
  end: number,
): Pick<SplitInputs, "facts"> {
  if (!ofSplit && !seen) return {};
  const entries = Object.entries(seen ?? {}).map(([name, values]) =>
    [name, values.subarray(start, end)] as const
  );
  return { facts: { ...ofSplit, ...Object.fromEntries(entries) } };
}
