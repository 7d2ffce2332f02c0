import type { IssueType } from "@shared/types/issue.ts";
import type { Split } from "@shared/types/part.ts";
import type { Matrix } from "../kernels/matrix.ts";
import type { TopTwo } from "../kernels/top_two.ts";
import type { ContentFacts } from "../signals/content_facts.ts";
import type { DuplicateGroups } from "../signals/duplicate_groups.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import type { Outlierness } from "../signals/outlierness.ts";

/** A stretch of rows that belong to one split. */
export interface SplitRange {
  /** Portion of the dataset. */
  readonly split: Split;
  /** First row. */
  readonly start: number;
  /** Row after the last. */
  readonly end: number;
  /** Whether the model had not trained on these rows. */
  readonly isOutOfSample: boolean;
  /** Numbers of the epochs folded. */
  readonly epochs: readonly number[];
  /** Accuracy on given labels in each of them; NaN where unknown. */
  readonly accuracy: readonly number[];
}

/** Votes against a given label, (n,); the label they are for is `evidence.rival`. */
export interface Votes {
  /** Who has an opinion: the model whose outputs were logged, or a probe of ours that learned from the other samples. */
  readonly judge: "model" | "probe";
  /** Epochs the sample was met in. */
  readonly epochs: ArrayLike<number>;
  /** Epochs that predicted the rival. */
  readonly epochsForRival: ArrayLike<number>;
  /** Labelled neighbours. */
  readonly neighbours: ArrayLike<number>;
  /** Those of them that are given the rival's label. */
  readonly neighboursForRival: ArrayLike<number>;
  /** Probability of the given label, mean over epochs weighted to those before memorising; NaN unknown. */
  readonly givenProbability: ArrayLike<number>;
  /** The same of the rival; NaN unknown. */
  readonly rivalProbability: ArrayLike<number>;
  /** What a probe says beside the model, where it counts. */
  readonly probe?: ProbeVotes;
}

/** What a probe says that learned from the other samples, (n,). */
export interface ProbeVotes {
  /** What of a sample it looks at. */
  readonly sees: "text" | "image" | "columns" | "content";
  /** Its most likely class; -1 unknown. */
  readonly label: ArrayLike<number>;
  /** Probability of the given label; NaN unknown. */
  readonly givenProbability: ArrayLike<number>;
  /** Of the rival; NaN unknown. */
  readonly rivalProbability: ArrayLike<number>;
  /** Of the two classes that are most likely by `predictions`; NaN unknown. */
  readonly topTwo?: {
    readonly first: ArrayLike<number>;
    readonly second: ArrayLike<number>;
  };
}

/** Training dynamics of each sample, (n,); NaN or -1 where unknown. */
export interface DynamicsColumns {
  /** Mean probability of the given label over epochs. */
  readonly confidence: Float64Array;
  /** Its standard deviation. */
  readonly variability: Float64Array;
  /** Times the given label was forgotten. */
  readonly forgettingEvents: Int32Array;
  /** Position in the split's `epochs` at which it was first learned; -1 never. */
  readonly firstLearnedEpoch: Int32Array;
  /** Epochs the sample was met in. */
  readonly epochsSeen: Int32Array;
}

/** Everything a detector may ask for; rows of all splits, one after the other. */
export interface Signals {
  /** Labels as they stand, -1 where unlabelled, (n,). */
  readonly labels: Int32Array;
  /** 1 where a person said which label is right, (n,). */
  readonly isSettled: Uint8Array;
  /** Rows of each split; together they are all rows. */
  readonly splits: readonly SplitRange[];
  /** What the run says about given labels. */
  readonly evidence: LabelEvidence;
  /** The same, as counts that can be told to people. */
  readonly votes: Votes;
  /** Training dynamics. */
  readonly dynamics: DynamicsColumns;
  /** Samples that say almost the same. */
  readonly duplicates: DuplicateGroups;
  /** The two most likely classes, by the model's mean probabilities over epochs, or by the probe. */
  readonly predictions: TopTwo;
  /** How far samples lie from others, and the points that say so; null without points. */
  readonly outliers:
    | Outlierness & {
      /** What distances are between. */
      readonly points: Matrix;
      /** Whether each column is a feature of a table, standardised, that can be named. */
      readonly isTable: boolean;
    }
    | null;
  /** What was measured of contents; nothing where nobody looked. */
  readonly facts: ContentFacts;
}

/** Facts about one finding, enough to write its reason; plain JSON. */
export type IssueDetails = Readonly<Record<string, number | string | null>>;

/** What a detector found. */
export interface Detection {
  /** In [0, 1], 1 the worst; NaN where the detector has nothing to say, (n,). */
  readonly score: Float64Array;
  /** 1 where the sample has the issue; its score is then a number, (n,). */
  readonly isIssue: Uint8Array;
  /** Facts about each flagged row. */
  readonly details: ReadonlyMap<number, IssueDetails>;
}

/**
 * Finds one issue type. Pure: the same inputs and settings give the same
 * detection, and inputs are left as they are.
 */
export interface Detector<
  Required extends keyof Signals = keyof Signals,
  Settings extends object = object,
> {
  /** What it finds. */
  readonly issueType: IssueType;
  /** Signals it needs; it is skipped for a run that lacks one. */
  readonly requires: readonly Required[];
  /** Thresholds; a run may override each. */
  readonly defaults: Settings;
  /** Scores and flags every sample. */
  detect(inputs: Pick<Signals, Required>, settings: Settings): Detection;
}

/**
 * A detector whose `requires` types the inputs of `detect`, so that using a
 * signal that was not asked for does not compile.
 *
 * @param detector The detector.
 * @returns The same.
 *
 * @example
 * ```ts
 * import { defineDetector } from "./detector.ts";
 * import assert from "node:assert/strict";
 *
 * const none = defineDetector({
 *   issueType: "garbage",
 *   requires: ["labels"],
 *   defaults: {},
 *   detect: ({ labels }) => ({
 *     score: new Float64Array(labels.length),
 *     isIssue: new Uint8Array(labels.length),
 *     details: new Map(),
 *   }),
 * });
 * assert.equal(none.issueType, "garbage");
 * ```
 */
export function defineDetector<
  Required extends keyof Signals,
  Settings extends object,
>(
  detector: Detector<Required, Settings>,
): Detector<Required, Settings> {
  return detector;
}
