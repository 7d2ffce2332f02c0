import { neighbourRows } from "../kernels/neighbour_mean.ts";
import {
  joinedProbRows,
  probMatrix,
  type Probs,
} from "../kernels/prob_rows.ts";
import {
  type DynamicsResult,
  dynamicsResult,
} from "../signals/dynamics_result.ts";
import {
  type LabelEvidence,
  labelEvidence,
} from "../signals/label_evidence.ts";
import { outOfSampleEvidence } from "../signals/out_of_sample_evidence.ts";
import { concatFloat64, concatInt32 } from "./_concat.ts";
import {
  concatEmbeddings,
  findDuplicates,
  LABEL_SHARE,
  labelNeighbours,
} from "./_neighbours.ts";
import { furtherSignals } from "./_further_signals.ts";
import { GraphShelf } from "./graph_shelf.ts";
import { labelErrors } from "./label_errors.ts";
import { rangesOf } from "./_ranges.ts";
import {
  knownProbs,
  type ReviewedLabels,
  reviewedLabels,
  standingMargins,
} from "./reviewed_labels.ts";
import { seenPoints } from "./_seen_points.ts";
import { secondOpinion } from "./_second_view.ts";
import { neighbourVotes, probabilitiesOf } from "./_votes.ts";
import { collectProbeSignals } from "./collect_probe_signals.ts";
import type { CollectedSignals } from "./collected_signals.ts";
import type { Signals, SplitRange } from "./detector.ts";
import type { ScoreInputs, ScoreOptions, ScoreStage } from "./score_types.ts";

/** Share of the whole that neighbours by embeddings take where samples are looked at too. */
const OWN_SHARE = 0.2;

/**
 * Makes the signals detectors ask for: means over epochs, neighbours, evidence
 * about labels, duplicates.
 *
 * Neighbours of training samples are training samples; samples of other splits
 * find theirs among all. O(n^2 * width) on the device for embeddings. Where
 * there are views too, a probe that learns from them gives a second opinion. A
 * run without epochs, but with views, has no model: a probe takes its place.
 *
 * @param inputs The run.
 * @param options Device, progress and signal.
 * @returns Signals over the rows of all splits.
 * @throws {RangeError} If the embeddings of two splits differ in width, or arrays of a split in length.
 *
 * @example
 * ```ts
 * import { collectSignals } from "./collect_signals.ts";
 * import assert from "node:assert/strict";
 *
 * const { signals } = await collectSignals({ labelNames: ["a", "b"], splits: [] }, {});
 * assert.equal(signals.labels.length, 0);
 * ```
 */
export async function collectSignals(
  inputs: ScoreInputs,
  options: ScoreOptions,
): Promise<CollectedSignals> {
  const { splits } = inputs;
  const ranges = rangesOf(splits);
  const graphs = new GraphShelf(inputs.graphs);
  const hasModel = ranges.some(({ epochs }) => epochs.length > 0);
  if (!hasModel && splits.some(({ views }) => views?.length)) {
    return collectProbeSignals(inputs, ranges, options, graphs);
  }
  const dynamics = splits.map((s) => dynamicsResult(s.dynamics));
  const reviewed = reviewedLabels(
    concatInt32(dynamics.map((d) => d.labels)),
    inputs.reviews,
  );
  const labels = reviewed.standing;
  const embeddings = concatEmbeddings(splits, labels.length);

  const hasViews = splits.some(({ views }) => views?.length);
  const near = embeddings &&
    await graphs.get(
      "label_embedding",
      labels.length,
      () =>
        labelNeighbours(embeddings, ranges, {
          ...options,
          onProgress: part(0, hasViews ? OWN_SHARE : LABEL_SHARE, options),
        }),
    );
  const meanProbs = joinedProbRows(
    dynamics.map((d) => d.meanProbs),
    inputs.labelNames.length,
  );
  const sureProbs = knownProbs(meanProbs, reviewed);
  const neighbourProbs = ranges.map(({ start, end }) =>
    near && neighbourRows(
      near.neighbours.subarray(start * near.k, end * near.k),
      near.values.subarray(start * near.k, end * near.k),
      near.k,
      sureProbs,
    )
  );
  const own = splits.map((split, i) => {
    const { labels, meanProbs, meanMargin } = dynamics[i]!;
    return split.isOutOfSample && !split.embeddings
      ? outOfSampleEvidence(labels, probMatrix(meanProbs))
      : labelEvidence(labels, meanProbs, meanMargin, neighbourProbs[i]!);
  });
  const second = hasViews
    ? await secondOpinion(
      inputs,
      ranges,
      { evidence: own, dynamics, neighbourProbs, sureProbs, reviewed },
      { ...options, onProgress: part(OWN_SHARE, LABEL_SHARE, options) },
      graphs,
    )
    : null;
  const errors = labelErrors(
    second?.evidence ?? own,
    ranges,
    reviewed,
    second?.signals ?? [],
  );
  const evidence = errors.evidence.map((e, i) =>
    standing(e, dynamics[i]!, neighbourProbs[i]!, reviewed, ranges[i]!)
  );
  const neighbours = near ?? second?.neighbours ?? null;
  const joined: LabelEvidence = {
    support: concatFloat64(evidence.map((e) => e.support)),
    logOdds: concatFloat64(evidence.map((e) => e.logOdds)),
    probability: concatFloat64(evidence.map((e) => e.probability)),
    rival: concatInt32(evidence.map((e) => e.rival)),
    isCalibrated: false,
    noiseRate: null,
  };
  const duplicates = await findDuplicates(
    splits,
    embeddings
      ? { points: embeddings, source: "embedding" }
      : seenPoints(splits, labels.length),
    labels.length,
    options,
    graphs,
    ranges.length === 1 ? near : null,
  );
  const further = await furtherSignals(
    splits,
    { embeddings, probs: meanProbs, neighbours },
    options,
  );
  const signals: Signals = {
    labels,
    isSettled: reviewed.isSettled,
    splits: ranges,
    evidence: joined,
    votes: {
      judge: "model",
      epochs: concatInt32(dynamics.map((d) => d.epochsSeen)),
      epochsForRival: epochsFor(joined.rival, dynamics, ranges),
      ...neighbourVotes(labels, joined.rival, neighbours),
      givenProbability: probabilitiesOf(labels, meanProbs),
      rivalProbability: probabilitiesOf(joined.rival, meanProbs),
      ...(second?.votes && {
        probe: {
          ...second.votes,
          topTwo: {
            first: probabilitiesOf(further.predictions.first, second.probs),
            second: probabilitiesOf(further.predictions.second, second.probs),
          },
        },
      }),
    },
    dynamics: {
      confidence: concatFloat64(dynamics.map((d) => d.confidence)),
      variability: concatFloat64(dynamics.map((d) => d.variability)),
      forgettingEvents: concatInt32(dynamics.map((d) => d.forgettingEvents)),
      firstLearnedEpoch: concatInt32(dynamics.map((d) => d.firstLearnedEpoch)),
      epochsSeen: concatInt32(dynamics.map((d) => d.epochsSeen)),
    },
    duplicates,
    ...further,
  };
  return {
    signals,
    dynamics: dynamics.map((d, i) => ({
      ...d,
      labels: labels.subarray(ranges[i]!.start, ranges[i]!.end),
    })),
    evidence,
    errors,
    reviewed,
    neighbours,
    space: embeddings
      ? { source: "embedding", points: embeddings }
      : second && { source: "view", points: second.features },
    probeProbs: second?.probs ?? null,
    probeWeight: second?.weight ?? 0,
    graphs: graphs.used,
    ...(second && { notes: second.notes }),
  };
}

/** Support and rivals of the labels as they stand, once some are others than those given. */
function standing(
  evidence: LabelEvidence,
  { meanProbs, meanMargin }: DynamicsResult,
  neighbourProbs: Probs | null,
  reviewed: ReviewedLabels,
  { start, end }: SplitRange,
): LabelEvidence {
  const [given, labels] = [reviewed.given, reviewed.standing].map((all) =>
    all.subarray(start, end)
  ) as [Int32Array, Int32Array];
  const isOther = labels.map((label, row) => label === given[row] ? 0 : 1);
  if (!isOther.includes(1)) return evidence;
  const margins = standingMargins(meanMargin, meanProbs, given, labels);
  const now = labelEvidence(labels, meanProbs, margins, neighbourProbs);
  return {
    ...evidence,
    support: evidence.support.map((s, row) =>
      isOther[row] ? now.support[row]! : s
    ),
    rival: evidence.rival.map((k, row) => isOther[row] ? now.rival[row]! : k),
  };
}

function epochsFor(
  rival: Int32Array,
  dynamics: readonly DynamicsResult[],
  ranges: readonly SplitRange[],
): Int32Array {
  const out = new Int32Array(rival.length);
  dynamics.forEach(({ predictionCount }, i) => {
    const { start, end } = ranges[i]!;
    for (let row = start; row < end; row++) {
      if (rival[row]! < 0) continue;
      out[row] = predictionCount(row - start, rival[row]!);
    }
  });
  return out;
}

/** Progress of a part of the whole. */
function part(
  from: number,
  to: number,
  { onProgress }: ScoreOptions,
): (fraction: number, stage: ScoreStage) => void {
  return (fraction, stage) =>
    onProgress?.(from + (to - from) * fraction, stage);
}
