/**
 * All detectors. A new issue type is one file here, one line below and one
 * value in `IssueType`; nothing else changes.
 *
 * @module
 */
import { ambiguous } from "./ambiguous.ts";
import { boundary } from "./boundary.ts";
import type { Detector } from "./detector.ts";
import { garbage } from "./garbage.ts";
import { hard } from "./hard.ts";
import { labelConflict } from "./label_conflict.ts";
import { leakage } from "./leakage.ts";
import { mislabeled } from "./mislabeled.ts";
import { nearDuplicate } from "./near_duplicate.ts";
import { outlier } from "./outlier.ts";

/** Detectors in the order reports show them. */
export const DETECTORS: readonly Detector[] = [
  mislabeled,
  labelConflict,
  leakage,
  nearDuplicate,
  garbage,
  outlier,
  ambiguous,
  hard,
  boundary,
] as readonly Detector[];
