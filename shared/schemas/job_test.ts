// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { parseJobQuery, parseJobRequest } from "./job.ts";

const run_id = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";

Deno.test("parseJobRequest() takes known kinds only", () => {
  assert.deepEqual(parseJobRequest({ job_kind: "score_run", run_id }), {
    job_kind: "score_run",
    run_id,
  });
  assert.throws(
    () => parseJobRequest({ job_kind: "nope", run_id }),
    /job_kind/,
  );
  assert.throws(
    () => parseJobRequest({ job_kind: "score_run", run_id: "7" }),
    /run_id/,
  );
});

Deno.test("parseJobQuery() takes a run and a state", () => {
  assert.deepEqual(parseJobQuery({ run_id, state: "failed" }), {
    limit: 50,
    cursor: null,
    runId: run_id,
    state: "failed",
  });
  assert.throws(() => parseJobQuery({ state: "odd" }), /state/);
});
