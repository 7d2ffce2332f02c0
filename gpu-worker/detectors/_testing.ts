import type { DuplicateGroups } from "../signals/duplicate_groups.ts";
import { duplicateGroups } from "../signals/duplicate_groups.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import type { SplitRange } from "./detector.ts";

/** One training split of n rows; accuracy rises to the last epoch. */
export function trainingSplit(n: number, nEpochs = 6): SplitRange {
  const epochs = Array.from({ length: nEpochs }, (_, e) => e);
  const accuracy = epochs.map((e) => (e + 1) / nEpochs);
  return {
    split: "training",
    start: 0,
    end: n,
    isOutOfSample: false,
    epochs,
    accuracy,
  };
}

/** Evidence with this support; the rival is class 1. */
export function evidenceOf(support: number[]): LabelEvidence {
  const logOdds = Float64Array.from(support, (s) => -1.32 - 1.65 * s);
  return {
    support: Float64Array.from(support),
    logOdds,
    probability: logOdds.map((z) => 1 / (1 + Math.exp(-z))),
    rival: new Int32Array(support.length).fill(1),
    isCalibrated: false,
    noiseRate: null,
  };
}

/** Groups of samples with the same letter; "." is alone. */
export function groupsOf(letters: string): DuplicateGroups {
  return duplicateGroups({
    nSamples: letters.length,
    contentHashes: [...letters].map((c) => c === "." ? null : c),
    textSignatures: null,
    neighbours: null,
  });
}
