import {
  type FirstIssueType,
  ISSUE_TYPES,
  type IssueType,
} from "@shared/types/issue.ts";
import type { KnnGraph } from "../graphs/knn_graph.ts";
import { concatFloat32, concatFloat64, concatInt32 } from "./_concat.ts";
import { hardness } from "./_hardness.ts";
import { temperedConfidence } from "./_hardness_confidence.ts";
import { errorEstimates } from "./label_errors.ts";
import { aleatoricOf, selfInfluences, votingWorth } from "./_sample_values.ts";
import { classPairs, classReport } from "./class_report.ts";
import { collectSignals } from "./collect_signals.ts";
import type { CollectedSignals } from "./collected_signals.ts";
import type { Detection } from "./detector.ts";
import { DETECTORS } from "./mod.ts";
import { reasonOf } from "./reasons.ts";
import { runReport } from "./run_report.ts";
import type {
  FlaggedNeighbours,
  SampleIssue,
  ScoreColumns,
  ScoreInputs,
  ScoreOptions,
  ScoreResult,
} from "./score_types.ts";
import { summarize } from "./verdict.ts";

/** Neighbours kept of each flagged sample, for the eye. */
const SHOWN_NEIGHBOURS = 8;

/**
 * Scores a run: columns, findings with reasons, reports and summary.
 *
 * The one entry of the engine. Pure beside the device: the same inputs and
 * settings give the same result on one class of device. Where a run has views,
 * a probe on them is asked too; without epochs it takes the model's place, and
 * with them it makes labels' probabilities calibrated. Whatever is missing
 * (embeddings, texts, labels, epochs) leaves its scores NaN, and nothing is
 * flagged for it. Blocks the thread it runs on.
 *
 * What people said counts: labels that they changed or confirmed are those that
 * the probe learns from, neighbours vote by and reports count; samples to be
 * dropped say nothing of others. All other samples' log-odds are sharpened by
 * what was right and wrong, in sample and out of sample each by its own, and
 * enough verdicts in a split make numbers of too little evidence; those that
 * people judged are never flagged mislabeled again, nor in conflict with their
 * copies. What epochs say of a sample stays that of its given label.
 *
 * Cost: two kNN graphs, O(n^2 * width) on the device, and O(n * n_classes).
 *
 * @param inputs The run; left as it is.
 * @param options Device, thresholds, progress and signal.
 * @returns Everything a revision holds.
 * @throws {RangeError} If the arrays of a split disagree in length, embeddings in width, or classes in number.
 * @throws The reason of `options.signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { TrainingDynamics } from "../signals/training_dynamics.ts";
 * import { scoreDataset } from "./score_dataset.ts";
 * import assert from "node:assert/strict";
 *
 * const dynamics = new TrainingDynamics({ labels: Int32Array.of(0, 1), nClasses: 2 });
 * dynamics.beginEpoch(0);
 * dynamics.add(Int32Array.of(0, 1), { data: Float32Array.of(3, 0, 3, 0), rows: 2, cols: 2 }, "logits");
 * dynamics.endEpoch();
 * const { columns } = await scoreDataset({
 *   labelNames: ["ham", "spam"],
 *   splits: [{
 *     split: "training",
 *     isOutOfSample: false,
 *     dynamics: dynamics.state,
 *     embeddings: null,
 *     contentHashes: null,
 *     textSignatures: null,
 *     sampleIds: null,
 *   }],
 * });
 * assert.deepEqual(columns.rank, Int32Array.of(2, 1));
 * ```
 */
export async function scoreDataset(
  inputs: ScoreInputs,
  options: ScoreOptions = {},
): Promise<ScoreResult> {
  const { labelNames, splits } = inputs;
  for (const { split, dynamics } of splits) {
    if (dynamics.nClasses !== labelNames.length) {
      throw new RangeError(
        `Cannot score split "${split}" as it must have ${labelNames.length} classes: current value is ${dynamics.nClasses}`,
      );
    }
  }
  const collected = await collectSignals(inputs, options);
  const { signals, dynamics, evidence, errors, reviewed } = collected;
  const detections = new Map<IssueType, Detection>();
  for (const detector of DETECTORS) {
    options.signal?.throwIfAborted();
    const settings = {
      ...detector.defaults,
      ...options.settings?.[detector.issueType],
    };
    detections.set(detector.issueType, detector.detect(signals, settings));
  }
  const issues = listIssues(detections, signals.labels.length);
  const columns = makeColumns(inputs, collected, detections);
  const { issueTypes, reasons } = describe(issues, inputs, columns);

  const reportInputs = {
    labels: signals.labels,
    predictions: columns.predictedLabel,
    rival: signals.evidence.rival,
    isMislabeled: detections.get("mislabeled")!.isIssue,
    dataErrorPotential: columns.dataErrorPotential,
  };
  const pairs = signals.splits.flatMap((s) => classPairs(reportInputs, s));
  const training = splits.findIndex((s) => s.split === "training");
  const result: ScoreResult = {
    columns,
    issueScores: Object.fromEntries(
      Array.from(detections, ([type, d]) => [type, Float32Array.from(d.score)]),
    ),
    issues,
    issueTypes,
    firstIssueType: issueTypes.map((t): FirstIssueType => t[0] ?? "clean"),
    reasons,
    neighbours: collected.neighbours &&
      flaggedNeighbours(collected.neighbours, issueTypes),
    graphs: collected.graphs,
    classReport: signals.splits.flatMap((s, i) =>
      classReport(reportInputs, s, dynamics[i]!)
    ),
    classPairs: pairs,
    report: await runReport(
      inputs,
      collected,
      columns.predictedLabel,
      options,
    ),
    summary: {
      ...summarize({
        labelNames,
        splits: signals.splits,
        nLabelled: signals.labels.reduce((n, y) => n + (y < 0 ? 0 : 1), 0),
        nJudged: labelNames.length < 2 ? 0 : columns.mislabeledScore.reduce(
          (n, score) => n + (Number.isNaN(score) ? 0 : 1),
          0,
        ),
        issues,
        classPairs: pairs,
        noiseRate: evidence[training]?.noiseRate ?? null,
        errors: errorEstimates(
          errors,
          reviewed,
          Int32Array.from(
            issues.filter((i) => i.issueType === "mislabeled"),
            (i) => i.row,
          ),
          signals.splits[training] ?? null,
        ),
      }),
      ...(collected.notes?.length && { notes: collected.notes }),
    },
  };
  options.onProgress?.(1, "detectors");
  return result;
}

function listIssues(
  detections: ReadonlyMap<IssueType, Detection>,
  nSamples: number,
): SampleIssue[] {
  const issues: SampleIssue[] = [];
  for (let row = 0; row < nSamples; row++) {
    for (const issueType of ISSUE_TYPES) {
      const found = detections.get(issueType);
      if (!found?.isIssue[row]) continue;
      const details = found.details.get(row) ?? {};
      issues.push({ row, issueType, score: found.score[row]!, details });
    }
  }
  return issues;
}

function makeColumns(
  { splits }: ScoreInputs,
  {
    signals,
    dynamics,
    evidence,
    reviewed,
    neighbours,
    probeProbs,
    probeWeight,
  }: CollectedSignals,
  detections: ReadonlyMap<IssueType, Detection>,
): ScoreColumns {
  const mislabeled = detections.get("mislabeled")!;
  const outlier = detections.get("outlier")!;
  const n = signals.labels.length;
  const dataErrorPotential = Float32Array.from(
    mislabeled.score,
    (score, row) => {
      const far = outlier.score[row]!;
      return 1 - (1 - score) * (1 - (Number.isNaN(far) ? 0 : far) / 2);
    },
  );
  const suggestedLabel = new Int32Array(n).fill(-1);
  const conflicts = detections.get("label_conflict")!.details;
  for (let row = 0; row < n; row++) {
    const byCopies = conflicts.get(row)?.suggested_label;
    const stands = signals.labels[row]!;
    if (signals.isSettled[row]) {
      if (stands !== reviewed.given[row]) suggestedLabel[row] = stands;
    } else if (
      mislabeled.isIssue[row] || reviewed.given[row]! < 0 && stands < 0
    ) {
      suggestedLabel[row] = signals.evidence.rival[row]!;
    } else if (typeof byCopies === "number") suggestedLabel[row] = byCopies;
  }
  const float = (f: (d: typeof dynamics[number]) => ArrayLike<number>) =>
    concatFloat32(dynamics.map(f));
  const { confidence, variability } = signals.dynamics;
  const sureness = concatFloat64(
    signals.splits.map(({ start, end, isOutOfSample, epochs }, i) =>
      isOutOfSample && epochs.length === 1
        ? temperedConfidence(
          reviewed.given.subarray(start, end),
          dynamics[i]!.meanProbs,
        )
        : confidence.subarray(start, end)
    ),
  );
  return {
    rank: ranks(dataErrorPotential),
    givenLabel: reviewed.given,
    predictedLabel: concatInt32(dynamics.map((d) => d.lastPrediction)),
    suggestedLabel,
    mislabeledScore: Float32Array.from(mislabeled.score),
    mislabeledProbability: concatFloat32(
      evidence.map(({ probability, isCalibrated }) =>
        isCalibrated ? probability : probability.map(() => NaN)
      ),
    ),
    dataErrorPotential,
    outlierScore: Float32Array.from(outlier.score),
    hardness: hardness(sureness, reviewed.given, probeProbs, probeWeight),
    confidence: Float32Array.from(confidence),
    variability: Float32Array.from(variability),
    correctness: float((d) => d.correctness),
    areaUnderMargin: float((d) => d.areaUnderMargin),
    el2n: float((d) => d.el2n),
    lastConfidence: float((d) => d.lastConfidence),
    forgettingEvents: signals.dynamics.forgettingEvents,
    firstLearnedEpoch: concatInt32(
      dynamics.map((d) =>
        d.firstLearnedEpoch.map((position) => d.epochs[position] ?? -1)
      ),
    ),
    epochsSeen: signals.dynamics.epochsSeen,
    aleatoric: aleatoricOf(signals.dynamics),
    selfInfluence: selfInfluences(splits),
    knnShapley: votingWorth(signals.labels, neighbours),
    duplicateGroup: signals.duplicates.group,
  };
}

/** 1 for the largest value; equal values by row, NaN last. */
function ranks(values: Float32Array): Int32Array {
  const order = Array.from(values, (_, row) => row).sort((a, b) => {
    const [x, y] = [values[a]!, values[b]!];
    return (Number.isNaN(x) ? 1 : 0) - (Number.isNaN(y) ? 1 : 0) ||
      y - x || a - b;
  });
  const rank = new Int32Array(values.length);
  order.forEach((row, i) => rank[row] = i + 1);
  return rank;
}

function describe(
  issues: readonly SampleIssue[],
  { labelNames, splits }: ScoreInputs,
  { givenLabel }: ScoreColumns,
): { issueTypes: IssueType[][]; reasons: string[] } {
  const ids = splits.flatMap((s): readonly (string | null)[] =>
    s.sampleIds ?? new Array<null>(s.dynamics.nSamples).fill(null)
  );
  const names = { labelNames, sampleId: (row: number) => ids[row] ?? null };
  const issueTypes = Array.from(givenLabel, (): IssueType[] => []);
  const reasons = Array.from(givenLabel, () => "");
  for (let i = 0; i < issues.length;) {
    const { row } = issues[i]!;
    let end = i;
    while (issues[end]?.row === row) end++;
    const own = issues.slice(i, end);
    issueTypes[row] = own.map((issue) => issue.issueType);
    reasons[row] = reasonOf(own, names);
    i = end;
  }
  return { issueTypes, reasons };
}

function flaggedNeighbours(
  graph: KnnGraph,
  issueTypes: readonly (readonly IssueType[])[],
): FlaggedNeighbours {
  const k = Math.min(SHOWN_NEIGHBOURS, graph.k);
  const rows = Int32Array.from(issueTypes.keys()).filter((row) =>
    issueTypes[row]!.length > 0 && graph.neighbours[row * graph.k]! >= 0
  );
  const neighbours = new Int32Array(rows.length * k);
  const similarities = new Float32Array(rows.length * k);
  rows.forEach((row, i) => {
    const start = row * graph.k;
    neighbours.set(graph.neighbours.subarray(start, start + k), i * k);
    similarities.set(graph.values.subarray(start, start + k), i * k);
  });
  return { rows, k, neighbours, similarities };
}
