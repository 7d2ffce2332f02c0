import type { RunReport } from "@shared/types/report.ts";
import { probRowsBetween, type Probs } from "../kernels/prob_rows.ts";
import { representationReport } from "./_representation_report.ts";
import { type HonestProbs, splitReport } from "./_split_report.ts";
import type { CollectedSignals } from "./collected_signals.ts";
import type { SplitRange } from "./detector.ts";
import type { ScoreInputs, ScoreOptions } from "./score_types.ts";

/**
 * What a run is as a whole: classes, confusions and calibration of each split, which label hides which, and what its representation tells apart.
 *
 * Counts labels as they stand, so that what people said is in. O(n * (n_classes + width)), and a regression on 5,000 points.
 *
 * @param inputs The run.
 * @param collected Signals made from it.
 * @param predictions Predictions of the last epoch, or of the probe, -1 unknown, (n,).
 * @param options Device and signal.
 * @returns The report, as plain JSON.
 * @throws The reason of `options.signal`, if it aborts.
 */
export async function runReport(
  { labelNames, splits }: ScoreInputs,
  { signals, dynamics, probeProbs, neighbours, space }: CollectedSignals,
  predictions: Int32Array,
  { device, threads, signal }: ScoreOptions,
): Promise<RunReport> {
  const { labels } = signals;
  return {
    splits: signals.splits.map((range, i) =>
      splitReport({
        labelNames,
        range,
        labels: labels.subarray(range.start, range.end),
        predictions: predictions.subarray(range.start, range.end),
        dynamics: splits[i]!.dynamics,
        honest: honestProbs(range, dynamics[i]!.meanProbs, probeProbs),
      })
    ),
    representation: space && neighbours && await representationReport({
      ...space,
      neighbours,
      labels,
      labelNames,
    }, {
      ...(device && { device }),
      ...(threads && { threads }),
      ...(signal && { signal }),
    }),
  };
}

/** Outputs that the model gave without having trained on the samples, else what a probe says; null where both are missing. */
function honestProbs(
  range: SplitRange,
  meanProbs: Probs,
  probeProbs: Probs | null,
): HonestProbs | null {
  if (range.isOutOfSample && range.epochs.length > 0) {
    return { judge: "model", probs: meanProbs };
  }
  return probeProbs &&
    {
      judge: "probe",
      probs: probRowsBetween(probeProbs, range.start, range.end),
    };
}
