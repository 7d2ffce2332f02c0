import type { KnnGraph } from "../graphs/knn_graph.ts";
import type { Matrix } from "../kernels/matrix.ts";
import type { Probs } from "../kernels/prob_rows.ts";
import type { DynamicsResult } from "../signals/dynamics_result.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import type { LabelErrors } from "./label_errors_found.ts";
import type { ReviewedLabels } from "./reviewed_labels.ts";
import type { Signals } from "./detector.ts";
import type { KnownGraphs } from "./score_types.ts";

/** Signals of a run, and what they were made from. */
export interface CollectedSignals {
  /** For detectors. */
  readonly signals: Signals;
  /** Training dynamics of each split; without a model, what the probe says in their place. */
  readonly dynamics: readonly DynamicsResult[];
  /** Evidence of each split. */
  readonly evidence: readonly LabelEvidence[];
  /** What is known of wrong labels, that people judged some considered. */
  readonly errors: LabelErrors;
  /** Labels as given and as they stand. */
  readonly reviewed: ReviewedLabels;
  /** Cosine neighbours over all rows, by embeddings, else by features; null without. */
  readonly neighbours: KnnGraph | null;
  /** The points that `neighbours` joins, (n, width); null without. */
  readonly space:
    | { readonly source: "embedding" | "view"; readonly points: Matrix }
    | null;
  /** Probabilities by a probe that had not seen the labels, NaN rows where unknown, (n, n_classes); null without a probe. */
  readonly probeProbs: Probs | null;
  /** How much the probe counts beside a model, in [0, 1]; 0 without either. */
  readonly probeWeight: number;
  /** Every graph that was used, over all rows. */
  readonly graphs: KnownGraphs;
  /** Sentences on how they were made. */
  readonly notes?: readonly string[];
}
