import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/** Settings of {@linkcode hard}. */
export interface HardSettings {
  /** Support of the given label has to be above this: a hard sample is labelled right. */
  readonly minSupport: number;
  /** First learned after this share of the epochs that still learn. */
  readonly lateShare: number;
  /** Or forgotten this often. */
  readonly minForgettingEvents: number;
  /** An epoch still learns until accuracy is this near to its best. */
  readonly accuracyTolerance: number;
  /** Splits with fewer epochs are left out. */
  readonly minEpochs: number;
}

/** Rightly labelled samples that the model learned late or forgot again; the score is 1 less the given label's mean probability. */
export const hard: Detector<
  "labels" | "splits" | "evidence" | "dynamics",
  HardSettings
> = defineDetector({
  issueType: "hard",
  requires: ["labels", "splits", "evidence", "dynamics"],
  defaults: {
    minSupport: 0,
    lateShare: 2 / 3,
    minForgettingEvents: 2,
    // Two points: what a net gains after that on 1,500 mails is learned by heart.
    accuracyTolerance: 0.02,
    minEpochs: 3,
  },
  detect({ labels, splits, evidence, dynamics }, settings) {
    const { confidence, forgettingEvents, firstLearnedEpoch } = dynamics;
    const score = new Float64Array(labels.length).fill(NaN);
    const isIssue = new Uint8Array(labels.length);
    const details = new Map<number, IssueDetails>();
    for (const { start, end, epochs, accuracy } of splits) {
      if (epochs.length < settings.minEpochs) continue;
      const last = lastLearningEpoch(accuracy, settings.accuracyTolerance);
      // at least the third epoch: what the second one gets right is not late
      const late = Math.max(2, Math.ceil(settings.lateShare * last));
      for (let row = start; row < end; row++) {
        if (Number.isNaN(confidence[row]!)) continue;
        score[row] = Math.max(0, Math.min(1, 1 - confidence[row]!));
        const isHard = firstLearnedEpoch[row]! >= late ||
          forgettingEvents[row]! >= settings.minForgettingEvents;
        if (!isHard || !(evidence.support[row]! > settings.minSupport)) {
          continue;
        }
        isIssue[row] = 1;
        details.set(row, {
          given_label: labels[row]!,
          first_learned_epoch: epochs[firstLearnedEpoch[row]!] ?? null,
          forgetting_events: forgettingEvents[row]!,
          last_learning_epoch: epochs[last]!,
          confidence: confidence[row]!,
        });
      }
    }
    return { score, isIssue, details };
  },
});

/** Position of the first epoch whose accuracy is as good as the best, within a tolerance; the last one if accuracy is unknown. */
function lastLearningEpoch(
  accuracy: readonly number[],
  tolerance: number,
): number {
  const best = accuracy.reduce((max, a) => a > max ? a : max, -Infinity);
  const first = accuracy.findIndex((a) => a >= best - tolerance);
  return first < 0 ? accuracy.length - 1 : first;
}
