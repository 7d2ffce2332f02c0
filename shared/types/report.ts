// deno-lint-ignore-file camelcase
import type { Split } from "./part.ts";

/** What a revision says of a run as a whole, beside its samples. */
export interface RunReport {
  /** One entry a split. */
  readonly splits: readonly SplitReport[];
  /** What can be told apart by the embeddings, else by what the samples hold; null where there is neither, or fewer than two classes. */
  readonly representation: RepresentationReport | null;
}

/** One split. */
export interface SplitReport {
  /** Portion of the dataset. */
  readonly split: Split;
  /** Samples of the largest class for one of the smallest that has any; null without a label. */
  readonly imbalance_ratio: number | null;
  /** Cells of the confusion matrix that are not empty, by class order; of more than 10,000 the diagonal and the largest others. */
  readonly confusion_matrix: readonly ConfusionCell[];
  /** By class order. */
  readonly classes: readonly ClassNumbers[];
  /** How far confidences of the last epoch can be believed, against given labels; null where nothing was predicted and labelled. */
  readonly calibration: CalibrationReport | null;
  /** Which given label hides which true one; null where no opinion is honest: no outputs out of sample, and no probe. */
  readonly label_noise: LabelNoiseReport | null;
}

/** Samples given one label and predicted as another, or the same. */
export interface ConfusionCell {
  /** Name of the given label. */
  readonly given_label: string;
  /** Name of the prediction of the last epoch; without outputs, of the probe. */
  readonly predicted_label: string;
  /** Samples. */
  readonly n: number;
}

/** One class of a split. */
export interface ClassNumbers {
  /** Class name. */
  readonly label: string;
  /** Samples given this label. */
  readonly n_given: number;
  /** How many samples its samples are worth, `(1 - b^n) / (1 - b)` with b = 0.999. Cui et al. 2019. */
  readonly effective_number: number;
}

/** Reliability of a model's confidences. */
export interface CalibrationReport {
  /** Whether the model had not trained on these samples: else it looks better than it is. */
  readonly is_out_of_sample: boolean;
  /** Samples counted. */
  readonly n: number;
  /** Expected calibration error over 15 bins of equal mass, [0, 1]. */
  readonly expected_calibration_error: number;
  /** Temperature that mends it; above 1 the model is too sure. */
  readonly temperature: number;
  /** Least confident first. */
  readonly bins: readonly ReliabilityBin[];
}

/** Samples of about the same confidence. */
export interface ReliabilityBin {
  /** Samples. */
  readonly n: number;
  /** Their mean confidence. */
  readonly confidence: number;
  /** Share of them predicted as labelled. */
  readonly accuracy: number;
  /** Lower end of its 95 % interval (Wilson). */
  readonly accuracy_low: number;
  /** Upper end. */
  readonly accuracy_high: number;
}

/** The confident joint. Northcutt, Jiang and Chuang 2021. */
export interface LabelNoiseReport {
  /** Whose opinion it counts: the run's own outputs, given out of sample, or a probe on what the samples hold. */
  readonly judge: "model" | "probe";
  /** Samples counted. */
  readonly n: number;
  /** Share of labels that it takes for wrong; an estimate of its own beside the noise rate of the summary. */
  readonly share: number;
  /** Pairs of different labels, most samples first, at most 200. */
  readonly pairs: readonly HiddenLabel[];
}

/** Samples given one label that look like another. */
export interface HiddenLabel {
  /** Name of the given label. */
  readonly given_label: string;
  /** Name of the label they look like. */
  readonly true_label: string;
  /** How many, scaled to the number of samples given the label. */
  readonly n: number;
  /** That, as a share of the samples given the label. */
  readonly share_of_given: number;
}

/** How well classes lie apart in a space. */
export interface RepresentationReport {
  /** Which space: embeddings that were logged, or a view of what samples hold. */
  readonly source: "embedding" | "view";
  /** Its width. */
  readonly width: number;
  /** Dimensions it really uses, 1 to `width`; null where all points are one. Roy and Vetterli 2007. */
  readonly effective_rank: number | null;
  /** Mean silhouette of a sample of points, [-1, 1]; null where unknown. */
  readonly silhouette: number | null;
  /** Share of neighbours with the same given label, mean over samples; null where unknown. */
  readonly neighbour_purity: number | null;
  /** Share of given labels that a linear probe tells right without having seen them; null where unknown. */
  readonly probe_accuracy: number | null;
  /** By class order. */
  readonly classes: readonly ClassRepresentation[];
}

/** One class in a space; null where it is unknown. */
export interface ClassRepresentation {
  /** Class name. */
  readonly label: string;
  /** Share of its samples' neighbours that are given the same label. */
  readonly neighbour_purity: number | null;
  /** Mean silhouette of its points. */
  readonly silhouette: number | null;
  /** Share of its samples that a linear probe tells right without having seen their labels. */
  readonly probe_accuracy: number | null;
  /** Fisher's ratio to the nearest class; below 1 they lie in one another. */
  readonly separability: number | null;
  /** Name of that class. */
  readonly nearest_label: string | null;
}
