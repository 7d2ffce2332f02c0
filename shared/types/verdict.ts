// deno-lint-ignore-file camelcase
/** What a person can say about a sample; `clear` takes an earlier verdict back. */
export type VerdictKind =
  | "keep"
  | "relabel"
  | "drop"
  | "needs_review"
  | "clear";

/** One verdict of `PUT /runs/{id}/verdicts`. */
export interface VerdictRequest {
  /** Client-made id, so that a retry changes nothing. */
  readonly verdict_id: string;
  /** The sample's id, as text. */
  readonly sample_id: string;
  /** Portion of the dataset; needed where an id stands in two splits with different content. */
  readonly split: string | null;
  /** What was said. */
  readonly verdict: VerdictKind;
  /** Class name; for `relabel` only. */
  readonly label: string | null;
  /** Free words, at most 2,000 characters. */
  readonly comment: string | null;
}

/** A stored verdict. */
export interface VerdictRecord {
  /** The verdict. */
  readonly verdict_id: string;
  /** Dataset it is about. */
  readonly dataset_id: string;
  /** Sample it is about. */
  readonly sample_id: string;
  /** What was said. */
  readonly verdict: VerdictKind;
  /** Class name; null unless `relabel`. */
  readonly label: string | null;
  /** Free words. */
  readonly comment: string | null;
  /** User who said it; null when a key did. */
  readonly reviewer_id: string | null;
  /** ISO 8601. */
  readonly created_at: string;
}
