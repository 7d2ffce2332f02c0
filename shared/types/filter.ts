// deno-lint-ignore-file camelcase
import type { FirstIssueType } from "./issue.ts";
import type { Split } from "./part.ts";
import type { VerdictKind } from "./verdict.ts";

/** Scores a filter can bound. */
export const SCORE_NAMES = [
  "mislabeled_score",
  "mislabeled_probability",
  "data_error_potential",
  "outlier_score",
  "hardness",
] as const;

/** One of {@linkcode SCORE_NAMES}. */
export type ScoreName = typeof SCORE_NAMES[number];

/** An interval, both ends included; a missing end is open. What has no number is outside. */
export interface NumberRange {
  /** Least value. */
  readonly min?: number | undefined;
  /** Greatest value. */
  readonly max?: number | undefined;
}

/** A value of a flat metadata column. */
export type MetadataValue = string | number | boolean | null;

/** What a metadata column must be: one of some values (null: also where it is missing), or a number in a range. */
export type MetadataCondition =
  | {
    /** Values, of which one must be equal. */
    readonly in: readonly MetadataValue[];
  }
  | NumberRange;

/** Verdicts a filter can ask for: `none` where nobody said anything. */
export type VerdictChoice = Exclude<VerdictKind, "clear"> | "none";

/**
 * Which samples of a run are meant: by the console, slices, edits, export and conditions. All given conditions hold at once; within a list
 * one is enough; an empty list holds for nothing.
 */
export interface SampleFilter {
  /** Sample ids. */
  readonly ids?: readonly string[] | undefined;
  /** Splits. */
  readonly splits?: readonly Split[] | undefined;
  /** Names of given labels; null: unlabelled. */
  readonly given_labels?: readonly (string | null)[] | undefined;
  /** Names of predicted labels; null: without a prediction. */
  readonly predicted_labels?: readonly (string | null)[] | undefined;
  /** Names of suggested labels; null: none is suggested. */
  readonly suggested_labels?: readonly (string | null)[] | undefined;
  /** Issue types, of which a sample has one at least; `clean`: has none. */
  readonly issue_types?: readonly FirstIssueType[] | undefined;
  /** Ranges of scores, compared in single precision, as scores are stored. */
  readonly scores?:
    | Readonly<Partial<Record<ScoreName, NumberRange>>>
    | undefined;
  /** What was said last. */
  readonly verdicts?: readonly VerdictChoice[] | undefined;
  /** Conditions by metadata column. */
  readonly metadata?: Readonly<Record<string, MetadataCondition>> | undefined;
  /** Words that the id or the text's preview holds; A to Z match in either case, other letters as they are, in every database alike. */
  readonly text?: string | undefined;
  /** Corners of a polygon on the map; needs positions, so it has no SQL form. */
  readonly lasso?: readonly (readonly [number, number])[] | undefined;
  /** Samples near another by cosine of embeddings; needs embeddings, so it has no SQL form. */
  readonly similar_to?: SimilarTo | undefined;
}

/** Nearness to one sample. */
export interface SimilarTo {
  /** Split of that sample. */
  readonly split: Split;
  /** Its id. */
  readonly sample_id: string;
  /** Least cosine, -1 to 1. */
  readonly min_similarity: number;
}
