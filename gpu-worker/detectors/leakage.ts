import { membersByGroup } from "./_members.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/**
 * Samples of a split that measures (validation, test) whose near duplicate the
 * model, or the probe in its place, learned from. The score is the similarity to the nearest sample of the
 * group; training samples have none.
 */
export const leakage: Detector<
  "splits" | "duplicates",
  Record<never, never>
> = defineDetector({
  issueType: "leakage",
  requires: ["splits", "duplicates"],
  defaults: {},
  detect({ splits, duplicates: { group, similarity, source } }) {
    const score = new Float64Array(group.length);
    const isIssue = new Uint8Array(group.length);
    const details = new Map<number, IssueDetails>();
    const isTraining = new Uint8Array(group.length);
    for (const { split, start, end } of splits) {
      if (split === "training") isTraining.fill(1, start, end);
    }
    for (const rows of membersByGroup(group).values()) {
      const trained = rows.filter((row) => isTraining[row]);
      if (trained.length === 0) continue;
      for (const row of rows) {
        if (isTraining[row]) continue;
        score[row] = similarity[row]!;
        isIssue[row] = 1;
        details.set(row, {
          partner: trained[0]!,
          training_samples: trained.length,
          similarity: similarity[row]!,
          source: source[row] ?? null,
        });
      }
    }
    return { score, isIssue, details };
  },
});
