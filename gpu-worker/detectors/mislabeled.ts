import { expectedF1Count } from "../kernels/expected_f1_count.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
  type ProbeVotes,
} from "./detector.ts";

/** Settings of {@linkcode mislabeled}. */
export interface MislabeledSettings {
  /** Samples less likely wrong than this are never flagged, whatever F1 is expected. */
  readonly minProbability: number;
}

/**
 * Given labels the run disagrees with: in each split the n most suspicious,
 * with the n that maximises the expected F1. The score is the logistic of the
 * log-odds that the label is wrong; it ranks, calibrated is `probability`.
 */
export const mislabeled: Detector<
  "labels" | "splits" | "evidence" | "votes",
  MislabeledSettings
> = defineDetector({
  issueType: "mislabeled",
  requires: ["labels", "splits", "evidence", "votes"],
  // Without it a clean dataset, where no F1 is to be had, would flag half of itself.
  defaults: { minProbability: 0.2 },
  detect({ labels, splits, evidence, votes }, { minProbability }) {
    const { logOdds, probability, rival } = evidence;
    const score = logOdds.map(sigmoid);
    const isIssue = new Uint8Array(labels.length);
    const details = new Map<number, IssueDetails>();
    for (const { start, end, isOutOfSample } of splits) {
      const count = expectedF1Count(probability.subarray(start, end));
      const rows = Array.from({ length: end - start }, (_, i) => start + i)
        .filter((row) =>
          rival[row]! >= 0 && // a single class has no other
          probability[row]! >= minProbability // NaN fails
        )
        .sort((a, b) => logOdds[b]! - logOdds[a]! || a - b)
        .slice(0, count);
      for (const row of rows) {
        isIssue[row] = 1;
        details.set(row, {
          given_label: labels[row]!,
          judge: votes.judge,
          suggested_label: rival[row]!,
          is_out_of_sample: isOutOfSample ? 1 : 0,
          epochs: votes.epochs[row]!,
          epochs_for_suggested: votes.epochsForRival[row]!,
          neighbours: votes.neighbours[row]!,
          neighbours_for_suggested: votes.neighboursForRival[row]!,
          given_probability: votes.givenProbability[row]!,
          suggested_probability: votes.rivalProbability[row]!,
          ...(votes.probe && probeDetails(votes.probe, row)),
        });
      }
    }
    return { score, isIssue, details };
  },
});

/** What the probe says of a row; nothing where it has not seen its content. */
function probeDetails(probe: ProbeVotes, row: number): IssueDetails {
  return probe.label[row]! < 0 ? {} : {
    probe_sees: probe.sees,
    probe_label: probe.label[row]!,
    probe_given_probability: probe.givenProbability[row]!,
    probe_suggested_probability: probe.rivalProbability[row]!,
  };
}
