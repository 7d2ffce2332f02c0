import {
  type GarbageFinding,
  garbageRules,
  type GarbageSettings,
} from "./_garbage_rules.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

export type { GarbageSettings } from "./_garbage_rules.ts";

/**
 * Contents that nothing can be learned from, by rules for the eye; the first
 * one that holds is told. What holds for more than `maxShare` of the samples it
 * could hold for is normal in this dataset, and counts for nothing. The score
 * is .5 where a rule just holds and 1 at its extreme, 0 where none does.
 */
export const garbage: Detector<"labels" | "facts", GarbageSettings> =
  defineDetector({
    issueType: "garbage",
    requires: ["labels", "facts"],
    defaults: {
      minDamagedShare: 0.05,
      minLetterShare: 0.2,
      minRepeatedShare: 0.5,
      minMajorityShare: 0.9,
      maxLengthRatio: 20,
      minDeviations: 5,
      minContrast: 0.02,
      minLuminance: 0.04,
      maxSharpnessRatio: 0.05,
      maxSizeRatio: 8,
      maxAspectRatio: 3,
      maxMissingShare: 0.5,
      maxShare: 0.05,
    },
    detect({ labels, facts }, settings) {
      const n = labels.length;
      const score = new Float64Array(n).fill(NaN);
      const isIssue = new Uint8Array(n);
      const details = new Map<number, IssueDetails>();
      for (const values of Object.values(facts)) {
        values.forEach((x, row) => {
          if (!Number.isNaN(x)) score[row] = 0;
        });
      }
      for (const { name, find, isAlways } of garbageRules(facts, settings)) {
        const found = new Map<number, GarbageFinding>();
        let nLooked = 0;
        for (let row = 0; row < n; row++) {
          const finding = find(row);
          if (finding === null) continue;
          nLooked++;
          if (finding !== false) found.set(row, finding);
        }
        const isNormal = !isAlways &&
          found.size > Math.max(1, settings.maxShare * nLooked);
        if (isNormal) continue;
        for (const [row, { severity, ...told }] of found) {
          isIssue[row] = 1;
          score[row] = Math.max(score[row]!, 0.5 + severity / 2);
          const known = details.get(row);
          details.set(
            row,
            known
              ? { ...known, also: [known.also, name].filter(Boolean).join(" ") }
              : { rule: name, ...told },
          );
        }
      }
      return { score, isIssue, details };
    },
  });
