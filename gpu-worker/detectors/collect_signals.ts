import { type KnnGraph, knnGraph } from "../graphs/knn_graph.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { neighbourMean } from "../kernels/neighbour_mean.ts";
import { standardizeColumns } from "../kernels/standardize_columns.ts";
import {
  DUPLICATE_DEFAULTS,
  type DuplicateGroups,
  duplicateGroups,
} from "../signals/duplicate_groups.ts";
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
import type { Signals, SplitRange } from "./detector.ts";
import type { ScoreInputs, ScoreOptions, SplitInputs } from "./score_types.ts";

/** Neighbours that vote on labels. */
const LABEL_NEIGHBOURS = 20;
/** Neighbours that say what distance is usual. */
const DUPLICATE_NEIGHBOURS = 10;
/** Shares of the whole that the two graphs take. */
const LABEL_SHARE = 0.5;
const DUPLICATE_SHARE = 0.4;

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

/** Embeddings of all splits, NaN rows where a split has none; null if none has any. */
function concatEmbeddings(
  splits: readonly SplitInputs[],
  nSamples: number,
): Matrix | null {
  const given = splits.flatMap((s) => s.embeddings ?? []);
  const cols = given[0]?.cols ?? 0;
  if (cols === 0) return null;
  const other = given.find((m) => m.cols !== cols);
  if (other) {
    throw new RangeError(
      `Cannot score splits as their embeddings must have one width: got ${cols} and ${other.cols}`,
    );
  }
  if (splits.length === 1) return given[0]!;
  const data = new Float32Array(nSamples * cols).fill(NaN);
  let start = 0;
  for (const { embeddings, dynamics } of splits) {
    if (embeddings) data.set(embeddings.data, start * cols);
    start += dynamics.nSamples;
  }
  return { data, rows: nSamples, cols };
}

async function labelNeighbours(
  all: Matrix,
  ranges: readonly SplitRange[],
  { device, threads, signal, onProgress }: ScoreOptions,
): Promise<KnnGraph> {
  const k = LABEL_NEIGHBOURS;
  const neighbours = new Int32Array(all.rows * k).fill(-1);
  const values = new Float32Array(all.rows * k).fill(NaN);
  for (const { split, start, end } of ranges) {
    const queries = {
      data: all.data.subarray(start * all.cols, end * all.cols),
      rows: end - start,
      cols: all.cols,
    };
    const isTraining = split === "training";
    const graph = await knnGraph({
      queries,
      base: isTraining ? queries : all,
      selfOffset: isTraining ? 0 : start,
      k,
      metric: "cosine",
      ...(device && { device }),
      ...(threads && { threads }),
      ...(signal && { signal }),
      onProgress: (f) => {
        const done = (start + f * (end - start)) / all.rows;
        onProgress?.(LABEL_SHARE * done, "neighbours");
      },
    });
    const offset = isTraining ? start : 0;
    neighbours.set(
      graph.neighbours.map((j) => j < 0 ? j : j + offset),
      start * k,
    );
    values.set(graph.values, start * k);
  }
  return { k, neighbours, values };
}

async function findDuplicates(
  splits: readonly SplitInputs[],
  embeddings: Matrix | null,
  nSamples: number,
  { device, threads, signal, onProgress, settings }: ScoreOptions,
): Promise<DuplicateGroups> {
  const points = embeddings && standardizeColumns(embeddings);
  const neighbours = points && await knnGraph({
    queries: points,
    base: points,
    selfOffset: 0,
    k: DUPLICATE_NEIGHBOURS,
    metric: "euclidean",
    ...(device && { device }),
    ...(threads && { threads }),
    ...(signal && { signal }),
    onProgress: (f) =>
      onProgress?.(LABEL_SHARE + DUPLICATE_SHARE * f, "duplicates"),
  });
  const hashes = splits.flatMap((s) =>
    s.contentHashes ?? new Array<null>(s.dynamics.nSamples).fill(null)
  );
  const signatures = new Uint32Array(nSamples * SIGNATURE_LENGTH);
  signatures.fill(0xffffffff);
  let start = 0;
  for (const { textSignatures, dynamics } of splits) {
    if (textSignatures) {
      signatures.set(textSignatures, start * SIGNATURE_LENGTH);
    }
    start += dynamics.nSamples;
  }
  return duplicateGroups({
    nSamples,
    contentHashes: hashes,
    textSignatures: signatures,
    neighbours,
  }, { ...DUPLICATE_DEFAULTS, ...settings?.near_duplicate });
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
