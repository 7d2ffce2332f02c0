// deno-lint-ignore-file camelcase
import type { IssueType } from "./issue.ts";

/** What a threshold of an issue type may be. */
export interface ThresholdRange {
  /** Value where nobody says another. */
  readonly default: number;
  /** Least value, itself allowed. */
  readonly min: number;
  /** Greatest value, itself allowed. */
  readonly max: number;
  /** Whether it must be a whole number. */
  readonly is_integer: boolean;
  /** What it decides, in one sentence. */
  readonly says: string;
}

/** Thresholds that differ from their defaults, by issue type and name. */
export type Thresholds = Readonly<
  Partial<Record<IssueType, Readonly<Record<string, number>>>>
>;

/**
 * Every threshold that a run may be scored by, by issue type and name; an issue type without any is not listed.
 * The detectors' defaults are the same; a test of the worker compares.
 */
export const THRESHOLDS: Readonly<
  Partial<Record<IssueType, Readonly<Record<string, ThresholdRange>>>>
> = {
  mislabeled: {
    min_probability: share(
      0.2,
      "Less likely wrong than this is never flagged, whatever F1 is expected",
    ),
  },
  near_duplicate: {
    min_text_similarity: share(
      0.8,
      "Share of their shingles that two texts have in common",
    ),
    max_distance_ratio: share(
      0.3,
      "Distance of a pair as a share of that to its other neighbours",
    ),
    max_hash_bits: {
      default: 6,
      min: 0,
      max: 7,
      is_integer: true,
      says: "Bits of 64 in which the hashes of two images differ at most",
    },
  },
  garbage: {
    min_damaged_share: share(
      0.05,
      "Share of damaged characters from which a text is garbage",
    ),
    min_letter_share: share(
      0.2,
      "Share of letters below which a text is garbage",
    ),
    min_repeated_share: share(
      0.5,
      "Share of one word from which a text is garbage",
    ),
    min_majority_share: share(
      0.9,
      "A script or language of this share of the texts is the dataset's own",
    ),
    max_length_ratio: ratio(20, "So many times the usual length is odd"),
    min_deviations: {
      default: 5,
      min: 0,
      max: 100,
      is_integer: false,
      says:
        "If it is also so many robust standard deviations away; so for size, shape and sharpness",
    },
    min_contrast: share(
      0.02,
      "Standard deviation of brightness below which an image is blank",
    ),
    min_luminance: share(
      0.04,
      "Mean brightness below which an image is dark",
    ),
    max_sharpness_ratio: share(
      0.05,
      "Share of the usual sharpness below which an image is blurred",
    ),
    max_size_ratio: ratio(8, "So many times the usual pixels is an odd size"),
    max_aspect_ratio: ratio(3, "So many times the usual shape is an odd one"),
    max_missing_share: share(
      0.5,
      "Share of missing features from which a row is garbage",
    ),
    max_share: share(
      0.05,
      "What holds for more of the samples than this is normal",
    ),
  },
  outlier: {
    min_deviations: {
      default: 3.5,
      min: 0,
      max: 100,
      is_integer: false,
      says: "Robust standard deviations above the usual distance",
    },
    farthest_share: share(
      0.01,
      "The farthest samples, this share of all, need fewer deviations",
    ),
    farthest_allowance: {
      default: 0.5,
      min: 0,
      max: 100,
      is_integer: false,
      says: "So many fewer",
    },
    max_share: share(0.05, "No more of the samples than this are outliers"),
  },
  boundary: {
    min_ratio: share(
      0.5,
      "The second class is at least this likely beside the first, by the model and by a second opinion",
    ),
  },
  ambiguous: {
    top_share: share(0.1, "Variability is in this top share of its split"),
    max_support: {
      default: 0.5,
      min: 0,
      max: 100,
      is_integer: false,
      says: "Support of the given label, for or against it, is below this",
    },
    min_variability: {
      default: 0.1,
      min: 0,
      max: 0.5,
      is_integer: false,
      says:
        "Standard deviation of the given label's probability is at least this",
    },
    min_epochs: count(3, "Splits with fewer epochs are left out"),
  },
  hard: {
    min_support: {
      default: 0,
      min: -100,
      max: 100,
      is_integer: false,
      says: "Support of the given label is above this",
    },
    late_share: share(
      2 / 3,
      "First learned after this share of the epochs that still learn",
    ),
    min_forgetting_events: count(2, "Or forgotten this often"),
    accuracy_tolerance: share(
      0.02,
      "An epoch still learns until accuracy is this near to its best",
    ),
    min_epochs: count(3, "Splits with fewer epochs are left out"),
  },
};

function share(byDefault: number, says: string): ThresholdRange {
  return { default: byDefault, min: 0, max: 1, is_integer: false, says };
}

function ratio(byDefault: number, says: string): ThresholdRange {
  return { default: byDefault, min: 1, max: 1e9, is_integer: false, says };
}

function count(byDefault: number, says: string): ThresholdRange {
  return { default: byDefault, min: 1, max: 10_000, is_integer: true, says };
}
