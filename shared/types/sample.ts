// deno-lint-ignore-file camelcase
import type { IssueType } from "./issue.ts";
import type { Split } from "./part.ts";
import type { RankedSample } from "./result.ts";

/** A sample near another in the model's eyes. */
export interface Neighbour {
  /** The neighbour's id. */
  readonly sample_id: string;
  /** Its split. */
  readonly split: Split;
  /** First 2 kB of its text; null without text. */
  readonly text_preview: string | null;
  /** Name of its given label; null where unlabelled. */
  readonly given_label: string | null;
  /** Cosine, 1 the same direction. */
  readonly similarity: number;
}

/** How the model learned a sample over the epochs. */
export interface SampleDynamics {
  /** Area under the margin; null without enough epochs. */
  readonly aum: number | null;
  /** Mean probability of the given label. */
  readonly confidence: number | null;
  /** Its standard deviation over the epochs. */
  readonly variability: number | null;
  /** How often it was learned and lost again. */
  readonly forgetting_events: number | null;
  /** First epoch from which it was predicted right; null: never. */
  readonly first_learned_epoch: number | null;
}

/** Answer of `GET /runs/{run_id}/samples/{split}/{sample_id}`. */
export interface SampleDetail extends RankedSample {
  /** Its whole text; null without text. */
  readonly text: string | null;
  /** Nearest first. */
  readonly neighbours: readonly Neighbour[];
  /** What each detector noted about it. */
  readonly details: Readonly<Partial<Record<IssueType, unknown>>>;
  /** How it was learned. */
  readonly dynamics: SampleDynamics;
}
