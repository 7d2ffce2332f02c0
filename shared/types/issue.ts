/** Issue types in the order that decides which one a sample's row shows first. */
export const ISSUE_TYPES = [
  "mislabeled",
  "label_conflict",
  "leakage",
  "near_duplicate",
  "garbage",
  "outlier",
  "ambiguous",
  "hard",
  "boundary",
] as const;

/** What a detector can find about a sample. */
export type IssueType = typeof ISSUE_TYPES[number];

/** The issue type a sample's row shows: its first in {@linkcode ISSUE_TYPES}, else `clean`. */
export type FirstIssueType = IssueType | "clean";
