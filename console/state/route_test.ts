// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import {
  filterQuery,
  formatRoute,
  parseRoute,
  type RunRoute,
  sampleKey,
  splitSampleKey,
  withFilters,
} from "./route.ts";

const route: RunRoute = {
  page: "run",
  runId: "r/1",
  filters: { issue: "mislabeled", label: "a&b=c", q: "50 % off" },
  at: "training/mail/7?x#y",
  pane: "sample",
};

Deno.test("formatRoute() and parseRoute() are inverse, whatever stands in names and ids", () => {
  const { pathname, search } = new URL(formatRoute(route), "http://x");
  assert.deepEqual(parseRoute(pathname, search), route);
});

Deno.test("parseRoute() drops what it does not know", () => {
  assert.deepEqual(parseRoute("/runs/r", "?colour=red&at=noslash&pane=roof"), {
    page: "run",
    runId: "r",
    filters: {},
    at: null,
    pane: "list",
  });
});

Deno.test("parseRoute() knows the list and strange addresses", () => {
  assert.deepEqual(parseRoute("/", ""), { page: "runs" });
  assert.deepEqual(parseRoute("/runs/", ""), { page: "runs" });
  assert.deepEqual(parseRoute("/other", ""), { page: "unknown" });
  assert.equal(parseRoute("/runs/%E0%A4%A", "").page, "run");
  assert.deepEqual(parseRoute("/runs/r/other", ""), { page: "unknown" });
  assert.deepEqual(parseRoute("/runs/r/report/x", ""), { page: "unknown" });
});

Deno.test("parseRoute() undoes formatRoute() for a report", () => {
  const route = { page: "report", runId: "a b" } as const;
  assert.deepEqual(parseRoute(formatRoute(route), ""), route);
});

Deno.test("parseRoute() undoes formatRoute() for revisions", () => {
  for (
    const route of [
      { page: "revisions", runId: "a b", of: null, change: "issue_types" },
      { page: "revisions", runId: "r", of: "v", change: "newly_flagged" },
    ] as const
  ) {
    const { pathname, search } = new URL(formatRoute(route), "http://x");
    assert.deepEqual(parseRoute(pathname, search), route);
  }
});

Deno.test("filterQuery() uses the API's names", () => {
  assert.deepEqual(filterQuery({ issue: "hard", verdict: "none" }), {
    issue_type: "hard",
    verdict: "none",
  });
});

Deno.test("withFilters() sets, and takes away by null or an empty string", () => {
  assert.deepEqual(
    withFilters({ q: "x", label: "ham", split: "test" }, {
      q: "",
      label: null,
      issue: "hard",
    }),
    { split: "test", issue: "hard" },
  );
});

Deno.test("splitSampleKey() undoes sampleKey() for an id with slashes", () => {
  const sample = { split: "test", sample_id: "a/b/c" };
  assert.deepEqual(splitSampleKey(sampleKey(sample)), {
    split: "test",
    id: "a/b/c",
  });
});

Deno.test("formatRoute() and parseRoute() agree on the pages of one run", () => {
  for (const page of ["report", "audit"] as const) {
    const address = formatRoute({ page, runId: "r/1" });
    assert.equal(address, `/runs/r%2F1/${page}`);
    assert.deepEqual(parseRoute(address, ""), { page, runId: "r/1" });
  }
  assert.deepEqual(parseRoute("/runs/r/roof", ""), { page: "unknown" });
});
