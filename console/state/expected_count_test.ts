import assert from "node:assert/strict";
import { madeMails } from "../testing/mails.ts";
import { madeRun } from "../testing/made_run.ts";
import { expectedCount } from "./expected_count.ts";

const { summary } = madeRun(madeMails(100));

Deno.test("expectedCount() is what was read once all is read", () => {
  assert.equal(expectedCount({ q: "x" }, summary, 7, true), 7);
});

Deno.test("expectedCount() knows all samples and one issue type beforehand, nothing finer", () => {
  assert.equal(expectedCount({ sort: "hardness" }, summary, 60, false), 100);
  assert.equal(expectedCount({ issue: "mislabeled" }, summary, 60, false), 6);
  assert.equal(
    expectedCount({ issue: "mislabeled", q: "x" }, summary, 60, false),
    null,
  );
});
