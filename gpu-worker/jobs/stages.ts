import type { ContentCounts } from "../codecs/signals_file.ts";

/** Where a stage begins and ends, as shares of its job. */
export type StageShare = readonly [start: number, end: number];

/** Shares of the stages of a job that has to encode what the samples hold, and of one that has outputs to score by. */
export const SHARES: {
  readonly withoutOutputs: Readonly<
    Record<"fold" | "encode" | "score", StageShare>
  >;
  readonly withOutputs: Readonly<Record<"fold" | "score", StageShare>>;
} = {
  withoutOutputs: { fold: [0, 0.15], encode: [0.15, 0.6], score: [0.6, 1] },
  withOutputs: { fold: [0, 0.5], score: [0.5, 1] },
};

/**
 * What follows stage `fold`: samples without outputs are scored by what they hold, once it is encoded.
 *
 * @param splits What was folded.
 * @returns Null if there is nothing to score by.
 */
export function stageAfterFold(
  splits: readonly {
    readonly dynamics: { readonly epochs: readonly number[] };
    readonly source: { readonly counts: ContentCounts };
  }[],
): "encode" | "score" | null {
  if (splits.some(({ dynamics }) => dynamics.epochs.length > 0)) return "score";
  const hasContent = splits.some(({ source: { counts } }) =>
    counts.texts + counts.images + counts.imageUris + counts.features > 0
  );
  return hasContent ? "encode" : null;
}
