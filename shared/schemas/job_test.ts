// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { parseIdempotencyKey, parseJobQuery, parseJobRequest } from "./job.ts";

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

const rescoring = (rest: object) => () =>
  parseJobRequest({ job_kind: "rescore_run", ...rest });

Deno.test("parseJobRequest() takes one run, a list or a filter to rescore", () => {
  assert.deepEqual(rescoring({ run_id })(), {
    job_kind: "rescore_run",
    run_ids: [run_id],
    filter: null,
    settings: null,
    apply_verdicts: true,
  });
  assert.deepEqual(rescoring({ run_id, model_id: null })(), {
    ...rescoring({ run_id })(),
    model_id: null,
  });
  assert.deepEqual(
    rescoring({ run_ids: [run_id, run_id.toUpperCase()] })(),
    rescoring({ run_id })(),
  );
  assert.deepEqual(rescoring({ filter: { project_id: run_id } })(), {
    ...rescoring({ run_id })(),
    run_ids: null,
    filter: {
      project_id: run_id,
      dataset_id: null,
      name_contains: null,
      incomplete: null,
    },
  });
  for (const rest of [{}, { run_id, run_ids: [run_id] }]) {
    assert.throws(rescoring(rest), /one of run_id, run_ids and filter/);
  }
  assert.throws(rescoring({ run_ids: [] }), /run_ids/);
  assert.throws(rescoring({ filter: {} }), /filter\.project_id/);
});

Deno.test("parseJobRequest() says what is wrong with a threshold", () => {
  const settings = { mislabeled: { min_probability: 0.5 } };
  assert.deepEqual(
    (rescoring({ run_id, settings })() as { settings: object }).settings,
    settings,
  );
  const cases: [object, RegExp][] = [
    [
      { mislabeled: { min_probability: 1.5 } },
      /settings\.mislabeled\.min_probability: must be a number from 0 to 1$/,
    ],
    [
      { hard: { min_epochs: 2.5 } },
      /settings\.hard\.min_epochs: must be a whole number from 1 to 10000$/,
    ],
    [
      { mislabeled: { probability: 0.5 } },
      /settings\.mislabeled: there is no threshold "probability", only min_probability$/,
    ],
    [{ leakage: {} }, /there is no issue type with thresholds "leakage", only/],
  ];
  for (const [settings, message] of cases) {
    assert.throws(rescoring({ run_id, settings }), message);
  }
});

Deno.test("parseIdempotencyKey() may be left out, not empty", () => {
  assert.equal(parseIdempotencyKey(new Headers()), null);
  const headers = (key: string) => new Headers({ "idempotency-key": key });
  assert.equal(parseIdempotencyKey(headers("nightly-7")), "nightly-7");
  assert.throws(() => parseIdempotencyKey(headers("")), /Idempotency-Key/);
  assert.throws(() => parseIdempotencyKey(headers("x".repeat(201))), /200/);
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
