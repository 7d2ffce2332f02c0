import {
  DUPLICATE_DEFAULTS,
  type DuplicateSettings,
} from "../signals/duplicate_groups.ts";
import { membersByGroup } from "./_members.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/**
 * Samples that say almost the same as another. The score is the similarity to it; of samples without such another, half of how much nearer than usual
 * their nearest one is.
 */
export const nearDuplicate: Detector<
  "duplicates",
  DuplicateSettings
> = defineDetector({
  issueType: "near_duplicate",
  requires: ["duplicates"],
  defaults: DUPLICATE_DEFAULTS, // used when the signal is made
  detect({ duplicates: { group, partner, similarity, source, nearness } }) {
    const details = new Map<number, IssueDetails>();
    for (const [first, rows] of membersByGroup(group)) {
      for (const row of rows) {
        details.set(row, {
          group: first,
          group_size: rows.length,
          partner: partner[row]!,
          similarity: similarity[row]!,
          source: source[row] ?? null,
        });
      }
    }
    return {
      score: Float64Array.from(
        similarity,
        (s, row) => group[row]! < 0 ? nearness[row]! / 2 : s,
      ),
      isIssue: Uint8Array.from(group, (g) => g < 0 ? 0 : 1),
      details,
    };
  },
});
