import { quantile } from "../kernels/quantile.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/** Settings of {@linkcode ambiguous}. */
export interface AmbiguousSettings {
  /** Variability has to be in this top share of the split. */
  readonly topShare: number;
  /** Absolute support of the given label has to be below this. */
  readonly maxSupport: number;
  /** Variability has to be at least this. */
  readonly minVariability: number;
  /** Splits with fewer epochs are left out. */
  readonly minEpochs: number;
}

/** Samples the model keeps changing its mind about; the score is twice the standard deviation of the given label's probability. */
export const ambiguous: Detector<
  "labels" | "splits" | "evidence" | "dynamics",
  AmbiguousSettings
> = defineDetector({
  issueType: "ambiguous",
  requires: ["labels", "splits", "evidence", "dynamics"],
  defaults: {
    topShare: 0.1,
    maxSupport: 0.5,
    minVariability: 0.1,
    minEpochs: 3,
  },
  detect({ labels, splits, evidence, dynamics }, settings) {
    const { variability, confidence, epochsSeen } = dynamics;
    const score = new Float64Array(labels.length).fill(NaN);
    const isIssue = new Uint8Array(labels.length);
    const details = new Map<number, IssueDetails>();
    for (const { start, end, epochs } of splits) {
      if (epochs.length < settings.minEpochs) continue;
      const least = Math.max(
        settings.minVariability,
        quantile(variability.subarray(start, end), 1 - settings.topShare),
      );
      for (let row = start; row < end; row++) {
        if (Number.isNaN(variability[row]!)) continue;
        score[row] = Math.min(1, 2 * variability[row]!);
        const isTorn = Math.abs(evidence.support[row]!) < settings.maxSupport;
        if (!isTorn || !(variability[row]! >= least)) continue;
        isIssue[row] = 1;
        details.set(row, {
          given_label: labels[row]!,
          other_label: evidence.rival[row]!,
          confidence: confidence[row]!,
          variability: variability[row]!,
          epochs: epochsSeen[row]!,
        });
      }
    }
    return { score, isIssue, details };
  },
});
