import { type KnnGraph, knnGraph } from "../graphs/knn_graph.ts";
import {
  type ProbRows,
  probRowsBetween,
  type Probs,
} from "../kernels/prob_rows.ts";
import { neighbourRows } from "../kernels/neighbour_mean.ts";
import { topTwo } from "../kernels/top_two.ts";
import { dynamicsResult } from "../signals/dynamics_result.ts";
import { featureMatrix } from "../signals/feature_matrix.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import { leftOutProbe } from "../signals/left_out_probe.ts";
import { probeEvidence } from "../signals/probe_evidence.ts";
import { concatFloat64, concatInt32 } from "./_concat.ts";
import { furtherSignals } from "./_further_signals.ts";
import type { GraphShelf } from "./graph_shelf.ts";
import { labelErrors } from "./label_errors.ts";
import { findDuplicates } from "./_neighbours.ts";
import { knownProbs, reviewedLabels } from "./reviewed_labels.ts";
import { seenPoints } from "./_seen_points.ts";
import { neighbourVotes, probabilitiesOf } from "./_votes.ts";
import type { CollectedSignals } from "./collected_signals.ts";
import type { SplitRange } from "./detector.ts";
import type { ScoreInputs, ScoreOptions } from "./score_types.ts";

/** Neighbours that vote on labels. */
const LABEL_NEIGHBOURS = 20;
/** Shares of the whole that the probe and its neighbours take. */
const PROBE_SHARE = 0.3;
const NEIGHBOURS_SHARE = 0.2;

/**
 * Signals of a run without a model's outputs: a probe that learns from the views
 * of all labelled samples of all splits says of each what it would be, without
 * having seen its label. Its probabilities stand where a model's would; what
 * only epochs can tell is unknown.
 *
 * @param inputs The run.
 * @param ranges Rows of its splits.
 * @param options Device, progress and signal.
 * @param graphs Where graphs are taken from and put.
 * @returns Signals over the rows of all splits.
 * @throws {RangeError} If the views of two splits differ, or a view's rows from its split's.
 */
export async function collectProbeSignals(
  { labelNames, splits, reviews }: ScoreInputs,
  ranges: readonly SplitRange[],
  options: ScoreOptions,
  graphs: GraphShelf,
): Promise<CollectedSignals> {
  const { device, threads, signal, onProgress } = options;
  const where = {
    ...(device && { device }),
    ...(threads && { threads }),
    ...(signal && { signal }),
  };
  const reviewed = reviewedLabels(
    concatInt32(splits.map((s) => s.dynamics.labels)),
    reviews,
  );
  const labels = reviewed.standing;
  const features = featureMatrix(
    splits.map((s) => s.views ?? []),
    splits.map((s) => s.dynamics.nSamples),
  );
  const probe = await leftOutProbe(features, labels, labelNames.length, {
    ...where,
    judged: reviewed.given,
    onProgress: (f) => onProgress?.(PROBE_SHARE * f, "neighbours"),
  });
  const neighbours = features.cols === 0
    ? null
    : await graphs.get("probe_view", labels.length, () =>
      knnGraph({
        ...where,
        queries: features,
        base: features,
        selfOffset: 0,
        k: LABEL_NEIGHBOURS,
        metric: "cosine",
        onProgress: (f) =>
          onProgress?.(PROBE_SHARE + NEIGHBOURS_SHARE * f, "neighbours"),
      }));
  const probs = probe?.probs ?? unknown(labels.length, labelNames.length);
  const near = neighbours &&
    meanOver(neighbours, knownProbs(probs, reviewed));
  const found = probe && near
    ? probeEvidence(reviewed.given, probe, near)
    : noEvidence(labels.length);
  // the probe had not seen any sample that it judges
  const unseen = ranges.map((range) => ({ ...range, isOutOfSample: true }));
  const errors = labelErrors(
    ranges.map((range) => evidenceOf(found, range)),
    unseen,
    reviewed,
    [],
  );
  const evidence = joined(errors.evidence, found);
  const duplicates = await findDuplicates(
    splits,
    seenPoints(splits, labels.length),
    labels.length,
    options,
    graphs,
  );
  const confidence = probabilitiesOf(labels, probs);
  const nothing = () => new Int32Array(labels.length);
  return {
    signals: {
      labels,
      isSettled: reviewed.isSettled,
      splits: unseen,
      evidence,
      votes: {
        judge: "probe",
        epochs: nothing(),
        epochsForRival: nothing(),
        ...neighbourVotes(labels, evidence.rival, neighbours),
        givenProbability: confidence,
        rivalProbability: probabilitiesOf(evidence.rival, probs),
      },
      dynamics: {
        confidence,
        variability: confidence.map(() => NaN),
        forgettingEvents: nothing(),
        firstLearnedEpoch: nothing().fill(-1),
        epochsSeen: nothing(),
      },
      duplicates,
      ...await furtherSignals(
        splits,
        { embeddings: null, probs, neighbours },
        options,
      ),
    },
    dynamics: splits.map(({ dynamics }, i) => {
      const { start, end } = ranges[i]!;
      const meanProbs = probRowsBetween(probs, start, end);
      return {
        ...dynamicsResult(dynamics),
        labels: labels.subarray(start, end),
        meanProbs,
        lastPrediction: topTwo(meanProbs).first,
      };
    }),
    evidence: errors.evidence,
    errors,
    reviewed,
    neighbours,
    space: neighbours && { source: "view", points: features },
    probeProbs: probe?.probs ?? null,
    probeWeight: 0,
    graphs: graphs.used,
  };
}

function meanOver({ neighbours, values, k }: KnnGraph, probs: Probs): ProbRows {
  return neighbourRows(neighbours, values, k, probs);
}

/** Evidence about one split; its noise rate is the mean of its probabilities. */
function evidenceOf(
  all: LabelEvidence,
  { start, end }: SplitRange,
): LabelEvidence {
  const probability = all.probability.subarray(start, end);
  const judged = probability.filter((p) => !Number.isNaN(p));
  return {
    support: all.support.subarray(start, end),
    logOdds: all.logOdds.subarray(start, end),
    probability,
    rival: all.rival.subarray(start, end),
    isCalibrated: all.isCalibrated,
    noiseRate: all.noiseRate === null || judged.length === 0
      ? null
      : judged.reduce((sum, p) => sum + p, 0) / judged.length,
  };
}

/** Evidence about all splits. */
function joined(
  parts: readonly LabelEvidence[],
  { isCalibrated, noiseRate }: LabelEvidence,
): LabelEvidence {
  return {
    support: concatFloat64(parts.map((e) => e.support)),
    logOdds: concatFloat64(parts.map((e) => e.logOdds)),
    probability: concatFloat64(parts.map((e) => e.probability)),
    rival: concatInt32(parts.map((e) => e.rival)),
    isCalibrated,
    noiseRate,
  };
}

function unknown(rows: number, cols: number): ProbRows {
  return {
    rows,
    cols,
    read: (_, out) => {
      out.fill(NaN, 0, cols);
    },
    get: () => NaN,
    addTo: () => NaN,
  };
}

function noEvidence(n: number): LabelEvidence {
  const nan = () => new Float64Array(n).fill(NaN);
  return {
    support: nan(),
    logOdds: nan(),
    probability: nan(),
    rival: new Int32Array(n).fill(-1),
    isCalibrated: false,
    noiseRate: null,
  };
}
