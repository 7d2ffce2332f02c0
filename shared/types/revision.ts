// deno-lint-ignore-file camelcase
import type { IssueType } from "./issue.ts";
import type { JobKind } from "./job.ts";
import type { Split } from "./part.ts";
import type { RunSummary } from "./result.ts";
import type { Thresholds } from "./threshold.ts";

/** One answer about a run, as `GET /runs/{id}/revisions` and the view `revision_overview` show it. */
export interface RevisionOverview {
  /** The revision. */
  readonly revision_id: string;
  /** Run it is about. */
  readonly run_id: string;
  /** From 1, in the order they were published. */
  readonly number: number;
  /** Revision it was made from; null: from what was logged. */
  readonly parent_id: string | null;
  /** Job that made it. */
  readonly job_id: string;
  /** Its kind. */
  readonly job_kind: JobKind;
  /** Thresholds that differed from their defaults. */
  readonly thresholds: Thresholds;
  /** Samples that people had judged and that counted so; null: made before that was noted. */
  readonly n_verdicts: number | null;
  /** Stored model that was run over the samples; null: by what was logged. */
  readonly model_id: string | null;
  /** What it found. */
  readonly summary: RunSummary;
  /** Samples it is about. */
  readonly n_samples: number;
  /** ISO 8601. */
  readonly published_at: string;
  /** Whether it is the one that readers follow. */
  readonly is_current: boolean;
}

/** What of a sample may differ between two revisions; `any` includes its rank. */
export type ChangeKind =
  | "any"
  | "newly_flagged"
  | "no_longer_flagged"
  | "issue_types"
  | "suggestion"
  | "probability"
  | "rank";

/** A sample that two revisions say different things about; a row of the view `revision_changes`. */
export interface SampleChange {
  /** The sample's id, as text. */
  readonly sample_id: string;
  /** Portion of the dataset. */
  readonly split: Split;
  /** First 2 kB of its text; null without text. */
  readonly text_preview: string | null;
  /** Name of the given label; null where unlabelled. */
  readonly given_label: string | null;
  /** 1 is the worst. */
  readonly rank_before: number;
  /** The same, after. */
  readonly rank_after: number;
  /** All its issue types, in order. */
  readonly issue_types_before: readonly IssueType[];
  /** The same, after. */
  readonly issue_types_after: readonly IssueType[];
  /** Name of the label that was proposed; null: none. */
  readonly suggested_label_before: string | null;
  /** The same, after. */
  readonly suggested_label_after: string | null;
  /** [0, 1], 1 the worst; null where unlabelled. */
  readonly mislabeled_score_before: number | null;
  /** The same, after. */
  readonly mislabeled_score_after: number | null;
  /** Calibrated; null where it is not. */
  readonly mislabeled_probability_before: number | null;
  /** The same, after. */
  readonly mislabeled_probability_after: number | null;
  /** Why, in one sentence, after; empty when clean. */
  readonly reason: string;
}

/** How many samples two revisions of a run say different things about. */
export interface ChangeCounts {
  /** Samples that both are about. */
  readonly n_compared: number;
  /** Clean before, with an issue after. */
  readonly newly_flagged: number;
  /** With an issue before, clean after. */
  readonly no_longer_flagged: number;
  /** With other issue types, the two above among them. */
  readonly issue_types: number;
  /** With another suggested label, or none any more. */
  readonly suggestion: number;
  /** With another calibrated probability. */
  readonly probability: number;
  /** At another rank. */
  readonly rank: number;
  /** Samples that got an issue type, and that lost it. */
  readonly by_issue_type: Readonly<
    Partial<
      Record<IssueType, { readonly added: number; readonly removed: number }>
    >
  >;
}

/** What two revisions of a run say differently: one page, by the later rank. */
export interface RevisionDifference {
  /** The revision before. */
  readonly from_revision_id: string;
  /** The revision after. */
  readonly to_revision_id: string;
  /** Over all samples; null but on the first page. */
  readonly counts: ChangeCounts | null;
  /** Samples that changed in the way that was asked for. */
  readonly rows: readonly SampleChange[];
  /** Pass as `cursor` for the next page; null: this was the last. */
  readonly next_cursor: string | null;
}
