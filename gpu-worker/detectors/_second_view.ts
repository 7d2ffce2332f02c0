import type { KnnGraph } from "../graphs/knn_graph.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { neighbourRows } from "../kernels/neighbour_mean.ts";
import { probRowsBetween, type Probs } from "../kernels/prob_rows.ts";
import { topTwo } from "../kernels/top_two.ts";
import type { DynamicsResult } from "../signals/dynamics_result.ts";
import { featureMatrix } from "../signals/feature_matrix.ts";
import {
  type LabelEvidence,
  labelEvidence,
} from "../signals/label_evidence.ts";
import { leftOutProbe } from "../signals/left_out_probe.ts";
import {
  logMargins,
  neighbourLogOdds,
  probeLogOdds,
  type RunView,
  type SecondView,
  type ViewWeight,
  viewWeight,
} from "../signals/second_view.ts";
import { twoViewEvidence } from "../signals/two_view_evidence.ts";
import { concatFloat64, concatInt32 } from "./_concat.ts";
import type { GraphShelf } from "./graph_shelf.ts";
import { labelNeighbours } from "./_neighbours.ts";
import type { ReviewedLabels } from "./reviewed_labels.ts";
import { probabilitiesOf } from "./_votes.ts";
import type { ProbeVotes, SplitRange } from "./detector.ts";
import type { ScoreInputs, ScoreOptions, SplitInputs } from "./score_types.ts";

/** Share of the work that the probe takes, the rest is its neighbours. */
const PROBE_SHARE = 0.6;

/** What a run alone says, one entry a split. */
export interface OwnOpinion {
  /** Its evidence. */
  readonly evidence: readonly LabelEvidence[];
  /** Means over its epochs. */
  readonly dynamics: readonly DynamicsResult[];
  /** Mean probabilities over neighbours by embeddings; null without. */
  readonly neighbourProbs: readonly (Probs | null)[];
  /** Mean probabilities as neighbours count them, (n, n_classes). */
  readonly sureProbs: Probs;
  /** Labels as given and as they stand. */
  readonly reviewed: ReviewedLabels;
}

/** A run's evidence once its samples were looked at. */
export interface SecondOpinion {
  /** Evidence of each split. */
  readonly evidence: readonly LabelEvidence[];
  /** What evidence was made from: support, and what neighbours by features and the probe add, (n,) each; none where they do not count. */
  readonly signals: readonly Float64Array[];
  /** What the probe says, (n,); null where it does not count. */
  readonly votes: ProbeVotes | null;
  /** Cosine neighbours by features. */
  readonly neighbours: KnnGraph;
  /** The features, (n, width). */
  readonly features: Matrix;
  /** The probe's probabilities, whether it counts or not, (n, n_classes). */
  readonly probs: Probs;
  /** How much the probe counts, in [0, 1]. */
  readonly weight: number;
  /** A sentence on how much the probe counts; none where it counts in full. */
  readonly notes: readonly string[];
}

/**
 * Asks a probe that learns from the views of all labelled samples of all splits, whatever the run says of them.
 *
 * How much it counts is decided once, on the splits that the model was trained on, or on all where there is none such; the noise rate in
 * each split by itself. Null where there is nothing to learn.
 */
export async function secondOpinion(
  { labelNames, splits }: ScoreInputs,
  ranges: readonly SplitRange[],
  { evidence, dynamics, neighbourProbs, sureProbs, reviewed }: OwnOpinion,
  options: ScoreOptions,
  graphs: GraphShelf,
): Promise<SecondOpinion | null> {
  const { device, threads, signal, onProgress } = options;
  const features = featureMatrix(
    splits.map((s) => s.views ?? []),
    splits.map((s) => s.dynamics.nSamples),
  );
  const labels = reviewed.given;
  const learned = reviewed.standing;
  const probe = await leftOutProbe(features, learned, labelNames.length, {
    judged: labels,
    ...(device && { device }),
    ...(threads && { threads }),
    ...(signal && { signal }),
    onProgress: (f) => onProgress?.(PROBE_SHARE * f, "neighbours"),
  });
  if (!probe) return null;
  const neighbours = await graphs.get(
    "label_view",
    labels.length,
    () =>
      labelNeighbours(features, ranges, {
        ...options,
        onProgress: (f, stage) =>
          onProgress?.(PROBE_SHARE + (1 - PROBE_SHARE) * f, stage),
      }),
  );
  const { k, values } = neighbours;
  const view: SecondView = {
    probe,
    neighbourProbs: neighbourRows(neighbours.neighbours, values, k, sureProbs),
  };
  const runs = splits.map((split, i) =>
    runView(split, dynamics[i]!, evidence[i]!, neighbourProbs[i]!)
  );
  const views = ranges.map((range) => viewOf(view, range));
  const weighed = weightOf(splits, runs, views);
  const { weight } = weighed;
  const both = runs.map((run, i) =>
    twoViewEvidence(evidence[i]!, run, views[i]!, weighed)
  );
  const rival = concatInt32(both.map((e) => e.rival));
  const sees = seenBy(splits);
  return {
    evidence: both,
    signals: weight === 0 ? [] : [
      concatFloat64(runs.map((run) => run.support)),
      neighbourLogOdds(labels, view.neighbourProbs),
      probeLogOdds(labels, probe),
    ],
    votes: weight === 0 ? null : {
      sees,
      label: topTwo(probe.probs).first,
      givenProbability: probabilitiesOf(learned, probe.probs),
      rivalProbability: probabilitiesOf(rival, probe.probs),
    },
    neighbours,
    features,
    probs: probe.probs,
    weight,
    notes: notesOn(weight, sees),
  };
}

function notesOn(weight: number, sees: ProbeVotes["sees"]): string[] {
  if (weight === 1) return [];
  return [
    weight === 0
      ? `Labels were judged by the model alone: a probe on the samples' ${sees} tells classes apart too badly`
      : `A probe on the samples' ${sees} tells classes apart only in part, and counts ${
        Math.max(1, Math.round(100 * weight))
      } %`,
  ];
}

/** The run's view of a split; outputs alone, without embeddings, support labels as those with some do. */
function runView(
  { isOutOfSample, embeddings }: SplitInputs,
  { labels, meanProbs, meanMargin }: DynamicsResult,
  { support }: LabelEvidence,
  neighbourProbs: Probs | null,
): RunView {
  return {
    labels,
    support: isOutOfSample && !embeddings
      ? labelEvidence(labels, meanProbs, meanMargin, null).support
      : support,
    meanProbs,
    neighbourProbs,
  };
}

function weightOf(
  splits: readonly SplitInputs[],
  runs: readonly RunView[],
  views: readonly SecondView[],
): ViewWeight {
  const all = [...splits.keys()];
  const trained = all.filter((i) => !splits[i]!.isOutOfSample);
  const used = trained.length > 0 ? trained : all;
  return viewWeight({
    labels: concatInt32(used.map((i) => runs[i]!.labels)),
    support: concatFloat64(used.map((i) => runs[i]!.support)),
  }, {
    logOdds: concatFloat64(used.map((i) => views[i]!.probe.logOdds)),
    margins: concatFloat64(
      used.map((i) => logMargins(runs[i]!.labels, views[i]!.probe.probs)),
    ),
  });
}

function viewOf(
  { probe, neighbourProbs }: SecondView,
  range: SplitRange,
): SecondView {
  return {
    probe: {
      logOdds: probe.logOdds.subarray(range.start, range.end),
      probs: probRowsBetween(probe.probs, range.start, range.end),
    },
    neighbourProbs: probRowsBetween(neighbourProbs, range.start, range.end),
  };
}

const TEXT_VIEWS = ["tfidf", "tokens", "sentence"];

/** What of a sample the probe looks at. */
function seenBy(splits: readonly SplitInputs[]): ProbeVotes["sees"] {
  const kinds = new Set(
    splits.flatMap(({ views = [] }) =>
      views.map(({ name }): ProbeVotes["sees"] =>
        TEXT_VIEWS.includes(name)
          ? "text"
          : name === "image" || name === "columns"
          ? name
          : "content"
      )
    ),
  );
  return kinds.size === 1 ? [...kinds][0]! : "content";
}
