import { quantile } from "../kernels/quantile.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/** Settings of {@linkcode boundary}. */
export interface BoundarySettings {
  /** Share of the confusions of a pair of classes that lie at its boundary. */
  readonly caughtShare: number;
  /** A pair needs this many confusions. */
  readonly minConfusions: number;
  /** The second class has to be at least this likely, as a share of the first. */
  readonly minRatio: number;
  /** A given label that is this likely wrong makes no confusion: the model may be right. */
  readonly maxErrorProbability: number;
}

/**
 * Samples between two classes that the model confuses. In each split and pair
 * of a sample's two most likely classes: those whose second class is, beside
 * the first, as likely as in most confusions of the pair (the given label
 * second). The score is that ratio of probabilities.
 */
export const boundary: Detector<
  "labels" | "splits" | "evidence" | "predictions",
  BoundarySettings
> = defineDetector({
  issueType: "boundary",
  requires: ["labels", "splits", "evidence", "predictions"],
  defaults: {
    caughtShare: 0.9,
    minConfusions: 5,
    minRatio: 0.25,
    maxErrorProbability: 0.5,
  },
  detect({ labels, splits, evidence, predictions }, settings) {
    const { first, second, firstProbability, secondProbability } = predictions;
    const score = Float64Array.from(
      firstProbability,
      (p, row) => Math.min(1, secondProbability[row]! / p),
    );
    const isIssue = new Uint8Array(labels.length);
    const details = new Map<number, IssueDetails>();
    for (const { start, end } of splits) {
      const rowsByPair = new Map<string, number[]>();
      for (let row = start; row < end; row++) {
        const [a, b] = [first[row]!, second[row]!];
        if (a < 0 || b < 0) continue;
        const pair = `${Math.min(a, b)} ${Math.max(a, b)}`;
        const known = rowsByPair.get(pair);
        if (known) known.push(row);
        else rowsByPair.set(pair, [row]);
      }
      for (const rows of rowsByPair.values()) {
        const confused = rows.filter((row) =>
          labels[row] === second[row] &&
          !(evidence.probability[row]! > settings.maxErrorProbability)
        );
        if (confused.length < settings.minConfusions) continue;
        const least = Math.max(
          settings.minRatio,
          quantile(
            confused.map((row) => score[row]!),
            1 - settings.caughtShare,
          ),
        );
        const between = rows.filter((row) => score[row]! >= least);
        for (const row of between) {
          isIssue[row] = 1;
          details.set(row, {
            given_label: labels[row]!,
            first_label: first[row]!,
            second_label: second[row]!,
            first_probability: firstProbability[row]!,
            second_probability: secondProbability[row]!,
            least_ratio: least,
            pair_confusions: confused.length,
            pair_size: between.length,
          });
        }
      }
    }
    return { score, isIssue, details };
  },
});
