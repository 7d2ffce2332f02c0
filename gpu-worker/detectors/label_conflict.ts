import { membersByGroup } from "./_members.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/**
 * Near duplicates under different labels. Those outside the label that more
 * than half of the group has; all of them where there is no such label, but
 * for those whose label a person said is right. The score is the share of the group that is labelled otherwise.
 */
export const labelConflict: Detector<
  "labels" | "isSettled" | "duplicates",
  Record<never, never>
> = defineDetector({
  issueType: "label_conflict",
  requires: ["labels", "isSettled", "duplicates"],
  defaults: {},
  detect({ labels, isSettled, duplicates }) {
    const score = new Float64Array(labels.length);
    const isIssue = new Uint8Array(labels.length);
    const details = new Map<number, IssueDetails>();
    for (const members of membersByGroup(duplicates.group).values()) {
      const rows = members.filter((row) => labels[row]! >= 0);
      const countByLabel = new Map<number, number>();
      for (const row of rows) {
        const label = labels[row]!;
        countByLabel.set(label, (countByLabel.get(label) ?? 0) + 1);
      }
      if (countByLabel.size < 2) continue;
      const [label, count] = [...countByLabel].sort(([a, n], [b, m]) =>
        m - n || a - b
      )[0]!;
      const majority = count * 2 > rows.length ? label : null;
      for (const row of rows) {
        const own = countByLabel.get(labels[row]!)!;
        score[row] = 1 - own / rows.length;
        if (labels[row] === majority || isSettled[row]) continue;
        isIssue[row] = 1;
        const other = rows.find((r) => labels[r] !== labels[row])!;
        const near = duplicates.partner[row]!;
        details.set(row, {
          given_label: labels[row]!,
          suggested_label: majority,
          other_label: majority ?? labels[other]!,
          group_size: rows.length,
          labelled_otherwise: rows.length - own,
          source: duplicates.source[row] ?? null,
          partner: labels[near] !== labels[row] && labels[near]! >= 0
            ? near
            : other,
        });
      }
    }
    return { score, isIssue, details };
  },
});
