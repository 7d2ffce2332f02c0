// deno-lint-ignore-file camelcase
import type { FirstIssueType, IssueType } from "./issue.ts";
import type { Split } from "./part.ts";
import type { VerdictKind } from "./verdict.ts";

/** How many labels are wrong among some, as far as it can be known. */
export interface ErrorEstimate {
  /** Labels counted among. */
  readonly n: number;
  /** Expected wrong ones. */
  readonly mean: number;
  /** Low end of a 90 % interval. */
  readonly low: number;
  /** High end of it. */
  readonly high: number;
}

/** How many labels to expect wrong where. */
export interface ErrorEstimates {
  /** Where the intervals come from: `scores`, how far such estimates were off where the truth was known; `verdicts`, what people said of this dataset. */
  readonly basis: "scores" | "verdicts";
  /** Among the first 100 and 500 by mislabeled score that nobody judged, in splits with enough evidence; those that there are. */
  readonly top: readonly ErrorEstimate[];
  /** Among those flagged mislabeled, in splits with enough evidence. */
  readonly flagged: ErrorEstimate;
  /** In the training split, those included that people found; null without labels there, or enough evidence. */
  readonly all: ErrorEstimate | null;
}

/** What a revision found, as counts and words. */
export interface RunSummary {
  /** One or two sentences a data scientist reads first. */
  readonly verdict: string;
  /** Samples scored, over all splits. */
  readonly n_samples: number;
  /** Classes. */
  readonly n_classes: number;
  /** Epochs folded; 0 where the run logged no outputs. */
  readonly n_epochs: number;
  /** Samples with each issue type; a sample may count for several. */
  readonly issue_counts: Readonly<Partial<Record<IssueType, number>>>;
  /** Share of the training split whose label is estimated wrong; null: not enough evidence for a number. */
  readonly estimated_noise_rate: number | null;
  /** A 90 % interval for that; null where it is null. Revisions made before it was told have none. */
  readonly noise_rate_interval?: {
    readonly low: number;
    readonly high: number;
  } | null;
  /** How many labels to expect wrong in the first 100 and 500, among those flagged and in all; null: not enough evidence. */
  readonly expected_errors?: ErrorEstimates | null;
  /** Rows that could not be used; listed under `row_problems`. */
  readonly n_row_problems: number;
  /** Accuracy of the last epoch against given labels, by split. */
  readonly accuracy: Readonly<Partial<Record<Split, number>>>;
  /** Sentences on how it was found, such as what was read of texts and images; revisions made before they were noted have none. */
  readonly notes?: readonly string[];
}

/** One row of the ranked list, and of the views `ranked_samples` and `sample_review`. */
export interface RankedSample {
  /** 1 is the worst of the revision. */
  readonly rank: number;
  /** The sample's id, as text. */
  readonly sample_id: string;
  /** Portion of the dataset. */
  readonly split: Split;
  /** First 2 kB of its text; null without text. */
  readonly text_preview: string | null;
  /** Metadata columns. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Name of the given label; null where unlabelled. */
  readonly given_label: string | null;
  /** Name of the last epoch's prediction; where the run has no outputs, of what its samples hold; null where there is neither. */
  readonly predicted_label: string | null;
  /** Name of the label we propose; null where the given one stands. */
  readonly suggested_label: string | null;
  /** What its row shows first. */
  readonly issue_type: FirstIssueType;
  /** All its issue types, in order. */
  readonly issue_types: readonly IssueType[];
  /** Why, in one sentence; empty when clean. */
  readonly reason: string;
  /** [0, 1], 1 the worst; null where unlabelled. */
  readonly mislabeled_score: number | null;
  /** Calibrated; null until it is. */
  readonly mislabeled_probability: number | null;
  /** [0, 1], 1 the worst. */
  readonly data_error_potential: number | null;
  /** [0, 1], 1 the farthest from all others, .5 where it is flagged; null where nothing tells how far. */
  readonly outlier_score: number | null;
  /** [0, 1], 1 the hardest. */
  readonly hardness: number | null;
  /** Latest verdict of a person about this content; null: none. */
  readonly verdict: VerdictKind | null;
  /** Label of that verdict, for `relabel`. */
  readonly verdict_label: string | null;
}

/** Quality of one class in one split, and a row of the view `class_quality`. */
export interface ClassReportRow {
  /** Portion of the dataset. */
  readonly split: Split;
  /** Class name. */
  readonly label: string;
  /** Samples given this label. */
  readonly n_given: number;
  /** Samples predicted as this class in the last epoch. */
  readonly n_predicted: number;
  /** Flagged mislabeled among those given this label. */
  readonly n_mislabeled: number;
  /** Against given labels; null if nothing was predicted so. */
  readonly precision: number | null;
  /** Against given labels; null if nothing was given so. */
  readonly recall: number | null;
  /** Harmonic mean of the two. */
  readonly f1: number | null;
  /** Mean Data Error Potential of those given this label. */
  readonly mean_data_error_potential: number | null;
}

/** One (given label, suggested label) pair with flagged samples, and a row of the view `label_confusions`. */
export interface LabelConfusion {
  /** Portion of the dataset. */
  readonly split: Split;
  /** Name of the given label. */
  readonly given_label: string;
  /** Name of the suggested label. */
  readonly suggested_label: string;
  /** Samples flagged mislabeled with this pair. */
  readonly n_flagged: number;
  /** That, as a share of the samples given this label. */
  readonly share_of_given: number;
}

/** A row the worker could not use. */
export interface RowProblem {
  /** Part it came in. */
  readonly part_id: string;
  /** Row within the part, from 0; null when the whole part is meant. */
  readonly row: number | null;
  /** Column; null when the whole row is meant. */
  readonly column: string | null;
  /** Sentence that names part, row, column, rule and value. */
  readonly message: string;
  /** How many rows this entry stands for. */
  readonly n_rows: number;
}
