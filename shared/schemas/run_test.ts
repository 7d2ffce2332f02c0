import assert from "node:assert/strict";
import { isUuid, parseRunQuery, parseRunRequest, parseUuid } from "./run.ts";

const runId = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";

Deno.test("parseRunRequest() fills in what is left out", () => {
  assert.deepEqual(parseRunRequest({ label_names: ["a"] }, runId), {
    project: null,
    dataset: null,
    name: "6f1c1c2e",
    task: "classification",
    label_names: ["a"],
    writers: 1,
    metadata_schema: null,
  });
});

Deno.test("parseRunRequest() names field and rule, and repeats no value", () => {
  const wrong = (body: object, message: RegExp) =>
    assert.throws(
      () => parseRunRequest({ label_names: ["a"], ...body }, runId),
      (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  wrong({ name: "hunter2".repeat(50) }, /name/);
  wrong({ label_names: ["hunter2", "hunter2"] }, /label_names: must be unique/);
  wrong({ label_names: [] }, /label_names/);
  wrong({ label_names: [7] }, /label_names\[0\]/);
  wrong({ task: "hunter2" }, /task/);
  wrong({ writers: 4_097 }, /writers/);
  wrong({ name: "\ud800" }, /well-formed/);
  wrong({ metadata_schema: { type: "hunter2" } }, /metadata_schema/);
});

Deno.test("parseUuid() gives lower case and refuses what is none", () => {
  assert.equal(parseUuid(runId.toUpperCase(), "run_id"), runId);
  assert.throws(() => parseUuid("7", "run_id"), /run_id/);
  assert.equal(isUuid(`${runId}0`), false);
});

Deno.test("parseRunQuery() takes ids, and refuses parameters it does not know", () => {
  const query = parseRunQuery({ project_id: runId, limit: "500" });
  assert.deepEqual([query.projectId, query.limit, query.cursor], [
    runId,
    500,
    null,
  ]);
  assert.throws(() => parseRunQuery({ project: runId }), /project/);
  assert.throws(() => parseRunQuery({ limit: "501" }), /limit/);
});
