// deno-lint-ignore-file camelcase
import type { IssueType } from "@shared/types/issue.ts";
import type { Split } from "@shared/types/part.ts";
import type { Project } from "@shared/types/project.ts";
import type { RankedSample } from "@shared/types/result.ts";

/** Answer of `GET /me`. */
export interface Me {
  readonly kind: "person" | "key";
  readonly user_id: string | null;
  readonly key_id: string | null;
  readonly projects: readonly Project[];
}

/** A sample near another in the model's eyes. */
export interface Neighbour {
  readonly sample_id: string;
  readonly split: Split;
  readonly text_preview: string | null;
  readonly given_label: string | null;
  /** Cosine, 1 the same direction. */
  readonly similarity: number;
}

/** How the model learned a sample over the epochs. */
export interface Dynamics {
  readonly aum: number | null;
  readonly confidence: number | null;
  readonly variability: number | null;
  readonly forgetting_events: number | null;
  readonly first_learned_epoch: number | null;
}

/** Answer of `GET /runs/{id}/samples/{split}/{sample_id}`. */
export interface SampleDetail extends RankedSample {
  readonly text: string | null;
  readonly neighbours: readonly Neighbour[];
  readonly details: Readonly<Partial<Record<IssueType, unknown>>>;
  readonly dynamics: Dynamics;
}
