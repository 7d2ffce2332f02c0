/**
 * The address is the state: what a link opens is what its sender saw.
 *
 * @module
 */

import type { ChangeKind } from "@shared/types/revision.ts";

/** Filters of the ranked list, by their name in the address. */
export const FILTERS = {
  issue: "issue_type",
  split: "split",
  label: "label",
  predicted: "predicted",
  suggested: "suggested",
  verdict: "verdict",
  q: "q",
  sort: "sort",
} as const;

/** What of a sample may differ between two revisions. */
export const CHANGES: readonly ChangeKind[] = [
  "issue_types",
  "newly_flagged",
  "no_longer_flagged",
  "suggestion",
  "probability",
  "rank",
];

export type FilterName = keyof typeof FILTERS;
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

/** On a phone, one of them fills the screen. */
export type Pane = "list" | "sample" | "filters";

export interface RunRoute {
  readonly page: "run";
  readonly runId: string;
  readonly filters: Filters;
  /** The active sample; null: the first of the list. */
  readonly at: SampleKey | null;
  readonly pane: Pane;
}

/** What a run is as a whole. */
export interface ReportRoute {
  readonly page: "report";
  readonly runId: string;
}

/** Samples of a run that are judged to know how many labels are wrong. */
export interface AuditRoute {
  readonly page: "audit";
  readonly runId: string;
}

/** What was found each time that a run was scored, and how two times differ. */
export interface RevisionsRoute {
  readonly page: "revisions";
  readonly runId: string;
  /** The revision that is compared with the one it was made from; null: the newest. */
  readonly of: string | null;
  /** Kind of change that is listed. */
  readonly change: ChangeKind;
}

export type Route =
  | { readonly page: "runs" }
  | RunRoute
  | ReportRoute
  | AuditRoute
  | RevisionsRoute
  | { readonly page: "unknown" };

/** `split/id`: unique in a run, also when the id holds a slash. */
export type SampleKey = string;

export function sampleKey(
  sample: { readonly split: string; readonly sample_id: string },
): SampleKey {
  return `${sample.split}/${sample.sample_id}`;
}

export function splitSampleKey(key: SampleKey): { split: string; id: string } {
  const slash = key.indexOf("/");
  return { split: key.slice(0, slash), id: key.slice(slash + 1) };
}

export function parseRoute(pathname: string, search: string): Route {
  const segments = pathname.split("/").filter(Boolean);
  if (segments.length === 0) return { page: "runs" };
  if (segments[0] !== "runs" || segments.length > 3) return { page: "unknown" };
  if (segments[1] === undefined) return { page: "runs" };
  if (segments[2] === "report" || segments[2] === "audit") {
    return { page: segments[2], runId: decodeSegment(segments[1]) };
  }
  const params = new URLSearchParams(search);
  if (segments[2] === "revisions") {
    return {
      page: "revisions",
      runId: decodeSegment(segments[1]),
      of: params.get("of"),
      change: CHANGES.find((kind) => kind === params.get("change")) ??
        "issue_types",
    };
  }
  if (segments[2] !== undefined) return { page: "unknown" };
  const filters: Partial<Record<FilterName, string>> = {};
  for (const name of Object.keys(FILTERS) as FilterName[]) {
    const value = params.get(name);
    if (value) filters[name] = value;
  }
  const at = params.get("at");
  const pane = params.get("pane");
  return {
    page: "run",
    runId: decodeSegment(segments[1]),
    filters,
    at: at?.includes("/") ? at : null,
    pane: pane === "sample" || pane === "filters" ? pane : "list",
  };
}

export function formatRoute(route: Route): string {
  if (route.page === "report" || route.page === "audit") {
    return `/runs/${encodeURIComponent(route.runId)}/${route.page}`;
  }
  const params = new URLSearchParams();
  if (route.page === "revisions") {
    if (route.of) params.set("of", route.of);
    if (route.change !== "issue_types") params.set("change", route.change);
    const search = params.toString();
    return `/runs/${encodeURIComponent(route.runId)}/revisions${
      search && `?${search}`
    }`;
  }
  if (route.page !== "run") return "/";
  for (const name of Object.keys(FILTERS) as FilterName[]) {
    const value = route.filters[name];
    if (value) params.set(name, value);
  }
  if (route.at) params.set("at", route.at);
  if (route.pane !== "list") params.set("pane", route.pane);
  const search = params.toString().replaceAll("%2F", "/");
  return `/runs/${encodeURIComponent(route.runId)}${search && `?${search}`}`;
}

/** The filters as `GET /runs/{id}/samples` takes them. */
export function filterQuery(filters: Filters): Record<string, string> {
  const query: Record<string, string> = {};
  for (const name of Object.keys(FILTERS) as FilterName[]) {
    const value = filters[name];
    if (value) query[FILTERS[name]] = value;
  }
  return query;
}

/** `filters` with some set or, by an empty string or null, taken away. */
export function withFilters(
  filters: Filters,
  changes: Readonly<Partial<Record<FilterName, string | null>>>,
): Filters {
  const next: Partial<Record<FilterName, string>> = { ...filters };
  for (const name of Object.keys(changes) as FilterName[]) {
    const value = changes[name];
    if (value) next[name] = value;
    else delete next[name];
  }
  return next;
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
