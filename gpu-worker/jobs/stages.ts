import type { ContentCounts } from "../codecs/signals_file.ts";

/** Where a stage begins and ends, as shares of its job. */
export type StageShare = readonly [start: number, end: number];

/** What of a split tells the stages of its run. */
export interface StagedSplit {
  readonly dynamics: { readonly epochs: readonly number[] };
  readonly source: { readonly counts: ContentCounts };
}

/**
 * Shares of the stages of a job: of one that encodes what the samples hold as there are no outputs, of one that scores by outputs alone, and of one
 * that does both. Stage `fold` does not know yet which of the last two it is.
 */
export const SHARES: {
  readonly withoutOutputs: Readonly<
    Record<"fold" | "encode" | "score", StageShare>
  >;
  readonly withOutputs: Readonly<Record<"fold" | "score", StageShare>>;
  readonly withBoth: Readonly<Record<"fold" | "encode" | "score", StageShare>>;
} = {
  withoutOutputs: { fold: [0, 0.15], encode: [0.15, 0.6], score: [0.6, 1] },
  withOutputs: { fold: [0, 0.4], score: [0.4, 1] },
  withBoth: { fold: [0, 0.4], encode: [0.4, 0.65], score: [0.65, 1] },
};

/** Whether there is an epoch to score by. */
export function hasEpochs(
  splits: readonly Pick<StagedSplit, "dynamics">[],
): boolean {
  return splits.some(({ dynamics }) => dynamics.epochs.length > 0);
}

/**
 * What follows stage `fold`: what samples hold is encoded, for a second opinion beside the outputs, or in their place.
 *
 * @param splits What was folded.
 * @returns Null if there is nothing to score by.
 */
export function stageAfterFold(
  splits: readonly StagedSplit[],
): "encode" | "score" | null {
  const hasContent = splits.some(({ source: { counts } }) =>
    counts.texts + counts.images + counts.imageUris + counts.features > 0
  );
  if (hasContent) return "encode";
  return hasEpochs(splits) ? "score" : null;
}

/**
 * Share of stage `score`.
 *
 * @param splits What was folded.
 * @param isEncoded Whether stage `encode` was before.
 */
export function scoreShare(
  splits: readonly StagedSplit[],
  isEncoded: boolean,
): StageShare {
  if (!isEncoded) return SHARES.withOutputs.score;
  return SHARES[hasEpochs(splits) ? "withBoth" : "withoutOutputs"].score;
}
