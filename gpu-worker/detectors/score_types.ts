import type { FirstIssueType, IssueType } from "@shared/types/issue.ts";
import type { Split } from "@shared/types/part.ts";
import type { RunReport } from "@shared/types/report.ts";
import type { RunSummary } from "@shared/types/result.ts";
import type { KnnGraph } from "../graphs/knn_graph.ts";
import type { Device } from "../graphs/session.ts";
import type { Matrix } from "../kernels/matrix.ts";
import type { ContentFacts } from "../signals/content_facts.ts";
import type { FeatureView } from "../signals/feature_view.ts";
import type { DynamicsState } from "../signals/dynamics_state.ts";
import type { IssueDetails } from "./detector.ts";

/** One split of a run. All of its arrays have the same n rows, one a sample. */
export interface SplitInputs {
  /** Portion of the dataset. */
  readonly split: Split;
  /** Whether the model had not trained on these samples when it gave its outputs. */
  readonly isOutOfSample: boolean;
  /** Epochs folded by `TrainingDynamics`, with given labels. */
  readonly dynamics: DynamicsState;
  /** Embeddings of the last epoch, NaN rows where missing, (n, width); the same width in every split. Null: none. */
  readonly embeddings: Matrix | null;
  /** Views that the training did not shape, the same ones in the same order in every split; none where there are none. */
  readonly views?: readonly FeatureView[];
  /** What can be measured of each sample's content itself; none where nobody looked. */
  readonly facts?: ContentFacts;
  /** Perceptual hash of each sample's image, 64 bits in two words, high word first, both 0 where it has none, (n * 2,). */
  readonly imageHashes?: Uint32Array;
  /** Hash of each sample's whole content. */
  readonly contentHashes: readonly (string | null)[] | null;
  /** Signatures by `textSignature`, row after row, (n * 64,). */
  readonly textSignatures: Uint32Array | null;
  /** Sample ids, told in reasons. */
  readonly sampleIds: readonly string[] | null;
}

/** What a person said about the given label of a sample. */
export interface Review {
  /** Row, counted like {@linkcode ScoreColumns}. */
  readonly row: number;
  /** `keep`: the given label is right; `relabel`: `label` is; `drop`: the sample is to go, and says nothing about others. */
  readonly verdict: "keep" | "relabel" | "drop";
  /** The right class; -1 where it is dropped, or the class is none of the run's. */
  readonly label: number;
}

/**
 * Graphs by what they join: cosine neighbours by embeddings or by views, of training samples among training samples; by views among all samples,
 * where there is no model; neighbours by distance (Euclidean, standardised).
 */
export type GraphName =
  | "label_embedding"
  | "label_view"
  | "probe_view"
  | "distance";

/** Graphs of a scoring, so that another of the same samples need not build them again. */
export type KnownGraphs = ReadonlyMap<GraphName, KnnGraph>;

/** A run as the engine sees it. Plain data: it may cross to a thread. */
export interface ScoreInputs {
  /** Class names in logit order. */
  readonly labelNames: readonly string[];
  /** Splits, each at most once. Rows of results count through them in this order. */
  readonly splits: readonly SplitInputs[];
  /** What people said, at most one review a row; none where nobody did. */
  readonly reviews?: readonly Review[];
  /** Graphs of an earlier scoring of the same embeddings and views; those that are missing are built. */
  readonly graphs?: KnownGraphs;
}

/** Stage that progress is reported for. */
export type ScoreStage = "neighbours" | "duplicates" | "detectors";

/** How to score. */
export interface ScoreOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /** CPU threads; default 2. */
  readonly threads?: number;
  /** Thresholds of detectors that differ from their defaults. */
  readonly settings?: Readonly<
    Partial<Record<IssueType, Readonly<Record<string, unknown>>>>
  >;
  /** Called with the share done over all stages, in (0, 1]. */
  readonly onProgress?: (fraction: number, stage: ScoreStage) => void;
  /** Ends the work between two blocks. */
  readonly signal?: AbortSignal;
}

/** One value a sample; rows of all splits, one after the other, (n,). NaN and -1: unknown. */
export interface ScoreColumns {
  /** 1 is the worst: by data error potential, then row. */
  readonly rank: Int32Array;
  /** Given label; -1 unlabelled. */
  readonly givenLabel: Int32Array;
  /** Prediction of the last epoch met; without a model, of the probe. */
  readonly predictedLabel: Int32Array;
  /** Label we propose; -1 where the given one stands. */
  readonly suggestedLabel: Int32Array;
  /** In [0, 1], 1 the worst. */
  readonly mislabeledScore: Float32Array;
  /** Calibrated probability that the given label is wrong; NaN where it is not calibrated. */
  readonly mislabeledProbability: Float32Array;
  /** In [0, 1], 1 the worst. */
  readonly dataErrorPotential: Float32Array;
  /** In [0, 1], 1 the farthest from all others, .5 where it is flagged. */
  readonly outlierScore: Float32Array;
  /** 1 less the mean probability of the given label over epochs (of one out-of-sample output, at its temperature), by the probe, or by both, in [0, 1]. */
  readonly hardness: Float32Array;
  /** Mean probability of the given label over epochs, or by the probe. */
  readonly confidence: Float32Array;
  /** Its standard deviation. */
  readonly variability: Float32Array;
  /** Share of epochs that predicted the given label. */
  readonly correctness: Float32Array;
  /** Mean logit margin over epochs. */
  readonly areaUnderMargin: Float32Array;
  /** EL2N of an early epoch. */
  readonly el2n: Float32Array;
  /** The given label's probability in the last epoch met. */
  readonly lastConfidence: Float32Array;
  /** Times the given label was forgotten. */
  readonly forgettingEvents: Int32Array;
  /** Number of the epoch that first predicted the given label. */
  readonly firstLearnedEpoch: Int32Array;
  /** Epochs the sample was met in. */
  readonly epochsSeen: Int32Array;
  /** Mean of P (1 - P) over epochs, P the given label's probability, in [0, .25]: high for what no training settles. Data-IQ 2022. */
  readonly aleatoric: Float32Array;
  /** Squared length of the last layer's gradient in the last epoch, at least 0: high for what is learned by heart. TracIn 2020. */
  readonly selfInfluence: Float32Array;
  /** What the sample is worth to its neighbours' votes, all votes together: below 0 it misleads them. Jia et al. 2019. */
  readonly knnShapley: Float32Array;
  /** Smallest row of the sample's duplicate group. */
  readonly duplicateGroup: Int32Array;
}

/** One finding. */
export interface SampleIssue {
  /** Row. */
  readonly row: number;
  /** What it is. */
  readonly issueType: IssueType;
  /** In [0, 1], 1 the worst. */
  readonly score: number;
  /** Facts about it; rows in `partner` and `group` count like {@linkcode ScoreColumns}. */
  readonly details: IssueDetails;
}

/** Quality of one class in one split. */
export interface ClassQuality {
  /** Portion of the dataset. */
  readonly split: Split;
  /** Class. */
  readonly label: number;
  /** Samples given this label. */
  readonly nGiven: number;
  /** Samples predicted as this class in their last epoch, or by the probe. */
  readonly nPredicted: number;
  /** Flagged mislabeled among those given this label. */
  readonly nMislabeled: number;
  /** Against given labels; null if nothing was predicted so. */
  readonly precision: number | null;
  /** Against given labels; null if nothing was given so. */
  readonly recall: number | null;
  /** Harmonic mean of the two; null if either is. */
  readonly f1: number | null;
  /** Mean over those given this label; null if unknown. */
  readonly meanDataErrorPotential: number | null;
  /** Estimated share of wrong labels among those given this one: the confident joint where outputs are out of sample, else the flagged share; null if nothing was given so. */
  readonly noiseRate: number | null;
}

/** One (given, suggested) pair with flagged samples. */
export interface ClassPair {
  /** Portion of the dataset. */
  readonly split: Split;
  /** Given label. */
  readonly givenLabel: number;
  /** Suggested label. */
  readonly suggestedLabel: number;
  /** Samples flagged mislabeled with this pair. */
  readonly nFlagged: number;
  /** That, as a share of the samples given this label. */
  readonly shareOfGiven: number;
}

/** Nearest neighbours of flagged samples, by cosine of embeddings, or of features where there are none. */
export interface FlaggedNeighbours {
  /** Flagged rows that have neighbours, ascending. */
  readonly rows: Int32Array;
  /** Places a row. */
  readonly k: number;
  /** Row of each neighbour, nearest first; -1 for an empty place, (rows.length * k,). */
  readonly neighbours: Int32Array;
  /** Cosine similarity, (rows.length * k,). */
  readonly similarities: Float32Array;
}

/** Everything a revision holds. Plain data: it may cross from a thread. */
export interface ScoreResult {
  /** One value a sample. */
  readonly columns: ScoreColumns;
  /** Dense score of each detector that ran, NaN where it had nothing to say, (n,). */
  readonly issueScores: Readonly<Partial<Record<IssueType, Float32Array>>>;
  /** Findings, by row, then in the order of `ISSUE_TYPES`. */
  readonly issues: readonly SampleIssue[];
  /** All issue types of each sample, in that order, (n,). */
  readonly issueTypes: readonly (readonly IssueType[])[];
  /** The first of them, else `clean`, (n,). */
  readonly firstIssueType: readonly FirstIssueType[];
  /** Why, in one sentence; empty when clean, (n,). */
  readonly reasons: readonly string[];
  /** Nearest neighbours of flagged samples; null without embeddings or views. */
  readonly neighbours: FlaggedNeighbours | null;
  /** Every graph that was used, over the rows of all splits. */
  readonly graphs: KnownGraphs;
  /** One entry a split and class. */
  readonly classReport: readonly ClassQuality[];
  /** Most flagged first within a split. */
  readonly classPairs: readonly ClassPair[];
  /** The run as a whole. */
  readonly report: RunReport;
  /** Counts and words; what could not be read is the caller's to add. */
  readonly summary: Omit<RunSummary, "n_row_problems">;
}
