import type { IssueType } from "@shared/types/issue.ts";
import type { RunSummary } from "@shared/types/result.ts";
import type { Filters } from "./route.ts";

/** How many samples match, where it is known before the list was read to its end; else null. */
export function expectedCount(
  filters: Filters,
  summary: RunSummary | null,
  loaded: number,
  isComplete: boolean,
): number | null {
  if (isComplete) return loaded;
  const names = Object.keys(filters).filter((name) => name !== "sort");
  if (names.length === 0) return summary?.n_samples ?? null;
  if (names.length === 1 && names[0] === "issue") {
    return summary?.issue_counts[filters.issue as IssueType] ?? null;
  }
  return null;
}
