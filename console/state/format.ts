// deno-lint-ignore-file camelcase
import type { FirstIssueType, IssueType } from "@shared/types/issue.ts";
import type { VerdictKind } from "@shared/types/verdict.ts";

const WHOLE = new Intl.NumberFormat("en");

/** `1,500`. */
export function count(n: number): string {
  return WHOLE.format(n);
}

/** `1 sample`, `1,500 samples`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `93.4 %`; a dash where there is nothing to show. */
export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined
    ? "–"
    : `${(share * 100).toFixed(digits)} %`;
}

/** `.97`, so that scores line up; `1.0` for one. */
export function score(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const text = value.toFixed(2);
  return text === "1.00" ? "1.0" : text.replace(/^(-?)0/, "$1");
}

/** `just now`, `5 min ago`, `3 h ago`, else the day. */
export function ago(iso: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return new Date(iso).toLocaleDateString("en", {
    day: "numeric",
    month: "short",
    year: "numeric",
  });
}

/** Text on one line, for lists. */
export function oneLine(text: string): string {
  return text.slice(0, 400).replace(/\s+/g, " ").trim();
}

export const ISSUE_WORDS: Readonly<Record<FirstIssueType, string>> = {
  mislabeled: "mislabeled",
  label_conflict: "label conflict",
  leakage: "leakage",
  near_duplicate: "near duplicate",
  garbage: "garbage",
  outlier: "outlier",
  ambiguous: "ambiguous",
  hard: "hard",
  boundary: "boundary",
  clean: "clean",
};

export const ISSUE_MEANING: Readonly<Record<IssueType, string>> = {
  mislabeled:
    "The model, or what samples like it are labelled, speaks against the label",
  label_conflict: "The same content stands elsewhere under another label",
  leakage: "The same content stands in more than one split",
  near_duplicate: "Almost the same content stands elsewhere",
  garbage: "Hardly any content",
  outlier: "Far from everything else",
  ambiguous: "The model wavered between classes over the epochs",
  hard: "The model learned it late or never",
  boundary: "Close to the border between two classes",
};

/** All issue types, in the order that decides which one a row shows first. */
export const ISSUE_ORDER = Object.keys(ISSUE_MEANING) as readonly IssueType[];

export const VERDICT_WORDS: Readonly<Record<VerdictKind, string>> = {
  keep: "kept",
  relabel: "relabeled",
  drop: "dropped",
  needs_review: "needs review",
  clear: "no verdict",
};

/** What a job's stage does, for people. */
export function stageWords(stage: string): string {
  const words: Record<string, string> = {
    "": "Waiting for a worker",
    queued: "Waiting for a worker",
    load: "Reading what the training logged",
    check: "Checking every row",
    fold: "Folding the epochs",
    encode: "Encoding what the samples hold",
    graph: "Finding nearest neighbours",
    knn: "Finding nearest neighbours",
    prepare: "Finding what is kept of the last scoring",
    infer: "Running the model over the samples",
    score: "Scoring every sample",
    detect: "Looking for issues",
    save: "Writing the results",
    publish: "Publishing the results",
  };
  return words[stage] ??
    (stage.charAt(0).toUpperCase() + stage.slice(1)).replaceAll("_", " ");
}
