import type { KnnGraph } from "../graphs/knn_graph.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { neighbourMean } from "../kernels/neighbour_mean.ts";
import {
  type DynamicsResult,
  dynamicsResult,
} from "../signals/dynamics_result.ts";
import {
  type LabelEvidence,
  labelEvidence,
} from "../signals/label_evidence.ts";
import { outOfSampleEvidence } from "../signals/out_of_sample_evidence.ts";
import { SIGNATURE_LENGTH } from "../signals/text_signature.ts";
import { concatFloat64, concatInt32, concatMatrix } from "./_concat.ts";
import {
  concatEmbeddings,
  findDuplicates,
  labelNeighbours,
} from "./_neighbours.ts";
import type { Signals, SplitRange } from "./detector.ts";
import type { ScoreInputs, ScoreOptions, SplitInputs } from "./score_types.ts";

/** Signals of a run, and what they were made from. */
export interface CollectedSignals {
  /** For detectors. */
  readonly signals: Signals;
  /** Training dynamics of each split. */
  readonly dynamics: readonly DynamicsResult[];
  /** Evidence of each split. */
  readonly evidence: readonly LabelEvidence[];
  /** Cosine neighbours over all rows; null without embeddings. */
  readonly neighbours: KnnGraph | null;
}

/**
 * Makes the signals detectors ask for: means over epochs, neighbours, evidence
 * about labels, duplicates.
 *
 * Neighbours of training samples are training samples; samples of other splits
 * find theirs among all. O(n^2 * width) on the device for embeddings.
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
  const dynamics = splits.map((s) => dynamicsResult(s.dynamics));
  const labels = concatInt32(dynamics.map((d) => d.labels));
  const embeddings = concatEmbeddings(splits, labels.length);

  const neighbours = embeddings &&
    await labelNeighbours(embeddings, ranges, options);
  const meanProbs = concatMatrix(
    dynamics.map((d) => d.meanProbs),
    inputs.labelNames.length,
  );
  const evidence = splits.map((split, i) => {
    const { labels, meanProbs: own, meanMargin } = dynamics[i]!;
    if (split.isOutOfSample && !split.embeddings) {
      return outOfSampleEvidence(labels, own);
    }
    const { start, end } = ranges[i]!;
    const around = neighbours && neighbourMean(
      neighbours.neighbours.subarray(start * neighbours.k, end * neighbours.k),
      neighbours.values.subarray(start * neighbours.k, end * neighbours.k),
      neighbours.k,
      meanProbs,
    );
    return labelEvidence(labels, own, meanMargin, around);
  });
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
    embeddings,
    labels.length,
    options,
  );
  const signals: Signals = {
    labels,
    splits: ranges,
    evidence: joined,
    votes: {
      epochs: concatInt32(dynamics.map((d) => d.epochsSeen)),
      epochsForRival: epochsFor(joined.rival, dynamics, ranges),
      ...neighbourVotes(labels, joined.rival, neighbours),
      givenProbability: probabilitiesOf(labels, meanProbs),
      rivalProbability: probabilitiesOf(joined.rival, meanProbs),
    },
    dynamics: {
      confidence: concatFloat64(dynamics.map((d) => d.confidence)),
      variability: concatFloat64(dynamics.map((d) => d.variability)),
      forgettingEvents: concatInt32(dynamics.map((d) => d.forgettingEvents)),
      firstLearnedEpoch: concatInt32(dynamics.map((d) => d.firstLearnedEpoch)),
      epochsSeen: concatInt32(dynamics.map((d) => d.epochsSeen)),
    },
    duplicates,
  };
  return { signals, dynamics, evidence, neighbours };
}

function rangesOf(splits: readonly SplitInputs[]): SplitRange[] {
  let end = 0;
  return splits.map(({ split, isOutOfSample, dynamics, ...rest }) => {
    const n = dynamics.nSamples;
    const lengths = {
      embeddings: rest.embeddings?.rows,
      contentHashes: rest.contentHashes?.length,
      textSignatures: rest.textSignatures &&
        rest.textSignatures.length / SIGNATURE_LENGTH,
      sampleIds: rest.sampleIds?.length,
    };
    for (const [name, length] of Object.entries(lengths)) {
      if (length !== undefined && length !== null && length !== n) {
        throw new RangeError(
          `Cannot score split "${split}" as ${name} must have ${n} rows: current value is ${length}`,
        );
      }
    }
    const start = end;
    end += n;
    const { epochs, accuracy } = dynamics;
    return { split, start, end, isOutOfSample, epochs, accuracy };
  });
}

function probabilitiesOf(labels: Int32Array, probs: Matrix): Float64Array {
  return Float64Array.from(
    labels,
    (label, row) => label < 0 ? NaN : probs.data[row * probs.cols + label]!,
  );
}

function epochsFor(
  rival: Int32Array,
  dynamics: readonly DynamicsResult[],
  ranges: readonly SplitRange[],
): Int32Array {
  const out = new Int32Array(rival.length);
  dynamics.forEach(({ predictionCounts, meanProbs }, i) => {
    const { start, end } = ranges[i]!;
    for (let row = start; row < end; row++) {
      if (rival[row]! < 0) continue;
      out[row] =
        predictionCounts[(row - start) * meanProbs.cols + rival[row]!]!;
    }
  });
  return out;
}

function neighbourVotes(
  labels: Int32Array,
  rival: Int32Array,
  graph: KnnGraph | null,
): { neighbours: Int32Array; neighboursForRival: Int32Array } {
  const neighbours = new Int32Array(labels.length);
  const neighboursForRival = new Int32Array(labels.length);
  graph?.neighbours.forEach((other, place) => {
    if (other < 0 || labels[other]! < 0) return;
    const row = Math.floor(place / graph.k);
    neighbours[row]!++;
    if (labels[other] === rival[row]) neighboursForRival[row]!++;
  });
  return { neighbours, neighboursForRival };
}
